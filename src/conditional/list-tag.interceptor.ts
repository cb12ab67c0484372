import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { type Collection, CollectionVersionsRepository } from './collection-versions.repository.js';
import { knows, listTag } from './entity-tag.js';
import { answerTagged } from './not-modified.js';

/** The tables that a list is made of. */
export const ListedCollections = Reflector.createDecorator<Collection[]>();

/**
 * Tags a list with the versions of the tables that it is made of.
 *
 * They are read before the rows, and once more behind them. When somebody wrote in between, the rows may be of either
 * version: such a list goes without a tag, so that no tag ever stands for two contents.
 */
@Injectable()
export class ListTagInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly versions: CollectionVersionsRepository,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const collections = this.reflector.get(ListedCollections, context.getHandler());

    const before = listTag(await this.versions.read(collections), request.url);
    if (knows(request.headers['if-none-match'], before)) {
      answerTagged(before, request, reply);
      return of(undefined);
    }
    const answer = await lastValueFrom(next.handle());
    const after = listTag(await this.versions.read(collections), request.url);
    if (before === after) answerTagged(after, request, reply);
    return of(answer);
  }
}
