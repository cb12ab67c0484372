import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { Compressed } from '../http/compression.js';
import type { Collection } from './collection-versions.repository.js';
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

/** Reads a list made of these tables; 304 to a client that has it as it is, and compressed for those that can read that. */
export function ConditionalList(...collections: Collection[]): MethodDecorator {
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
