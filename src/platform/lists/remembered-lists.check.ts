import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CollectionVersionsRepository } from './collection-versions.repository.js';
import { readCurrentRole } from '../authorization/current-role.decorator.js';
import { ListedCollections, RememberedByRole } from './list-tag.interceptor.js';

/** Parameters that come from the URL, which is a part of the key of a remembered list. */
const FROM_URL = [RouteParamtypes.QUERY, RouteParamtypes.PARAM];

/** What Nest keeps of a handler's parameters. A parameter of a custom decorator has the function that reads it. */
type Parameters = Record<string, { factory?: unknown }>;

/**
 * Refuses to start with a `@ConditionalList` that must not be remembered: clients would get the list of another user, or one
 * that never changes.
 */
@Injectable()
export class RememberedListsCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly versions: CollectionVersionsRepository,
  ) {}

  /** @throws Error that names the route */
  async onModuleInit(): Promise<void> {
    const counted = await this.versions.findCollections();
    for (const controller of this.discovery.getControllers()) {
      const { prototype } = controller.metatype as { prototype: object };
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const collections = this.discovery.getMetadataByDecorator(ListedCollections, controller, method);
        if (!collections) continue;
        const route = `${controller.name}.${method}`;
        const byRole = this.discovery.getMetadataByDecorator(RememberedByRole, controller, method) ?? false;
        assertRememberable(controller.metatype as object, method, route, { byRole });
        const uncounted = collections.find((collection) => !counted.has(collection));
        if (uncounted) throw new Error(`${route} lists ${uncounted}, whose changes are not counted`);
      }
    }
  }
}

/**
 * @param byRole whether the list is remembered for each role
 * @throws Error for a handler that takes anything but the path, the query, and the role where it is remembered for each role
 */
export function assertRememberable(
  controller: object,
  method: string,
  route: string,
  { byRole }: { byRole: boolean },
): void {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Parameters;
  for (const [key, { factory }] of Object.entries(parameters)) {
    // Keys are `type:index`, such as `4:0` for a query; custom decorators have longer keys.
    if (FROM_URL.some((type) => key.startsWith(`${type}:`))) continue;
    if (byRole && factory === readCurrentRole) continue;
    const known = byRole ? 'the path, the query and the role' : 'the path and the query';
    throw new Error(`${route} can't be remembered: it takes more than ${known}`);
  }
}
