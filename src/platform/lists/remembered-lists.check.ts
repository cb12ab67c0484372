import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CollectionVersionsRepository } from './collection-versions.repository.js';
import { ListedCollections } from './list-tag.interceptor.js';

/** Parameters that come from the URL, which is a part of the key of a remembered list. */
const FROM_URL = [RouteParamtypes.QUERY, RouteParamtypes.PARAM];

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
        assertFromUrl(controller.metatype as object, method, route);
        const uncounted = collections.find((collection) => !counted.has(collection));
        if (uncounted) throw new Error(`${route} lists ${uncounted}, whose changes are not counted`);
      }
    }
  }
}

/** @throws Error for a handler that takes more than the path and the query, such as the current user */
export function assertFromUrl(controller: object, method: string, route: string): void {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as object;
  for (const parameter of Object.keys(parameters)) {
    // Keys are `type:index`, such as `4:0` for a query; custom decorators have longer keys.
    if (FROM_URL.some((type) => parameter.startsWith(`${type}:`))) continue;
    throw new Error(`${route} can't be remembered: it takes more than the path and the query`);
  }
}
