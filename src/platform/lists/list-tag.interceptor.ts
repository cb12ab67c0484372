import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { currentUserOf } from '../authorization/current-user.decorator.js';
import { addPageHeaders } from './page-headers.js';
import { type PageInfo, separatePage } from './page.js';
import { JSON_TYPE } from '../http/json-type.js';
import { ListStream } from './list-stream.js';
import { CollectionVersionsRepository } from './collection-versions.repository.js';
import { findMatchingTag } from '../http/entity-tag.js';
import { type ListAudience, listTag } from './list-tag.js';
import { applyEntityTag } from '../http/not-modified.js';

/** The tables that a list depends on. */
export const ListedCollections = Reflector.createDecorator<string[]>();

/** Whether a list also depends on the role of the current user. */
export const RememberedByRole = Reflector.createDecorator<boolean>();

/** Characters of all remembered lists together. */
const MAX_REMEMBERED_CHARACTERS = 8_000_000;

/** A list as it was sent. */
interface SerializedList {
  json: string;
  info: PageInfo | undefined;
}

/**
 * Adds an entity tag made of the versions of the tables, and remembers the serialized list: until one of the tables changes, the
 * next client gets the same text.
 *
 * Versions are read before the rows and again after them, unless the list is a stream. When they differ, the rows may be
 * of either version: the response has no entity tag then, so that no tag ever stands for two contents.
 */
@Injectable()
export class ListTagInterceptor implements NestInterceptor {
  /** By entity tag, which includes the versions, the URL and, where the list depends on it, the role. */
  private readonly remembered = new LRUCache<string, SerializedList>({
    maxSize: MAX_REMEMBERED_CHARACTERS,
    maxEntrySize: MAX_REMEMBERED_CHARACTERS / 8,
    sizeCalculation: ({ json }) => json.length,
  });

  constructor(
    private readonly reflector: Reflector,
    private readonly versions: CollectionVersionsRepository,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const handler = context.getHandler();
    const collections = this.reflector.get(ListedCollections, handler);
    const byRole = this.reflector.get(RememberedByRole, handler) as boolean | undefined;
    const audience = { url: request.url, role: byRole ? currentUserOf(request).role : undefined };

    const before = await this.versions.read(collections);
    const tag = listTag(before, audience);
    if (findMatchingTag(request.headers['if-none-match'], tag) !== undefined) {
      applyEntityTag(tag, request, reply);
      return of(undefined);
    }
    const remembered = this.remembered.get(tag);
    if (remembered !== undefined) {
      applyEntityTag(tag, request, reply);
      return of(send(remembered, request, reply));
    }
    const response = await lastValueFrom(next.handle());
    if (response instanceof ListStream) {
      return of(await this.stream(response, collections, audience, request, reply));
    }
    const after = await this.versions.read(collections);
    if (before.changes !== after.changes || before.changed_at !== after.changed_at) return of(response);
    applyEntityTag(tag, request, reply);
    const { rows, info } = separatePage(response);
    const serialized = { json: JSON.stringify(rows), info };
    this.remembered.set(tag, serialized);
    return of(send(serialized, request, reply));
  }

  /** Versions and rows of a stream are read in one snapshot, so that the tag is right whoever writes meanwhile. */
  private async stream(
    list: ListStream,
    collections: string[],
    audience: ListAudience,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ListStream | undefined> {
    const version = await this.versions.read(collections, list.rows);
    if (applyEntityTag(listTag(version, audience), request, reply)) {
      await list.rows.return();
      return undefined;
    }
    void reply.type(JSON_TYPE);
    return list;
  }
}

function send({ json, info }: SerializedList, request: FastifyRequest, reply: FastifyReply): string {
  if (info) addPageHeaders(info, request, reply);
  void reply.type(JSON_TYPE);
  return json;
}
