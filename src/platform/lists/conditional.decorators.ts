import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { Compressed } from '../http/compression.js';
import { ListedCollections, ListTagInterceptor, RememberedByRole } from './list-tag.interceptor.js';

/** For a handler that reads one row: 304 for a client that has the current version. */
export function ConditionalGet(): MethodDecorator {
  return NotModified();
}

/** For a handler that changes or deletes one row: 412 when `If-Match` names another version. */
export function ConditionalWrite(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The `ETag` of the version that you change, so that no change by somebody else is lost.',
    }),
    ApiResponse({ status: 400, description: 'The If-Match header is malformed.' }),
    ApiResponse({ status: 412, description: 'It has changed since you read it.' }),
  );
}

/**
 * For a handler that reads a list: 304 for a client that has the current one, compression, and the serialized list is remembered
 * until one of these tables changes.
 *
 * The list may depend on nothing but these tables and the URL. At the start, `RememberedListsCheck` refuses a handler that takes
 * anything else, such as the current user, and a table without `addVersionCounters`. The handler must not read the clock.
 */
export function ConditionalList(...collections: string[]): MethodDecorator {
  return applyDecorators(
    ListedCollections(collections),
    UseInterceptors(ListTagInterceptor),
    NotModified(),
    Compressed(),
  );
}

/**
 * {@link ConditionalList} for a list that also depends on the role of the current user: the handler takes `@CurrentRole()`. Each
 * role has a list, with an entity tag, of its own.
 */
export function ConditionalListByRole(...collections: string[]): MethodDecorator {
  return applyDecorators(ConditionalList(...collections), RememberedByRole(true));
}

function NotModified(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'The `ETag` of the response that you have.',
    }),
    ApiResponse({ status: 304, description: 'Not modified: you have the current version.' }),
  );
}
