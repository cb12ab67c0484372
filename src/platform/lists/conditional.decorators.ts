import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { Compressed } from '../http/compression.js';
import { ListedCollections, ListTagInterceptor } from './list-tag.interceptor.js';

/** Reads one row; 304 to a client that has it as it is. */
export function ConditionalGet(): MethodDecorator {
  return NotModified();
}

/** Changes or deletes one row; 412 when the client names another state of it than it is in. */
export function ConditionalWrite(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'The `ETag` of the state that is to be changed, so that no change of somebody else is lost.',
    }),
    ApiResponse({ status: 400, description: 'The If-Match header could not be understood.' }),
    ApiResponse({ status: 412, description: 'It has been changed since you read it.' }),
  );
}

/**
 * Reads a list, and remembers it until one of these tables changes: 304 to a client that has it as it is, compressed for
 * those that can read that.
 *
 * The list depends on nothing but these tables and the URL. At the start, `RememberedListsCheck` refuses a handler that
 * takes more, such as the caller, and a table without `addVersionCounters`. A handler must not read the clock either.
 */
export function ConditionalList(...collections: string[]): MethodDecorator {
  return applyDecorators(
    ListedCollections(collections),
    UseInterceptors(ListTagInterceptor),
    NotModified(),
    Compressed(),
  );
}

function NotModified(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'The `ETag` of the answer that you have.',
    }),
    ApiResponse({ status: 304, description: 'You have it as it is.' }),
  );
}
