import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { type Place, placeOf } from './page.js';

/** Says of a list's page, in headers, where the next one is (RFC 8288) and how many rows there are in all. */
export function Paged(): MethodDecorator {
  return UseInterceptors(new PageInterceptor());
}

class PageInterceptor implements NestInterceptor<object> {
  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<object> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      map((answer) => {
        const place = placeOf(answer);
        if (place) tell(place, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
        return answer;
      }),
    );
  }
}

function tell({ total, next }: Place, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('X-Total-Count', total);
  if (!next) return;
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  for (const [name, value] of Object.entries(next)) searchParams.set(name, String(value));
  reply.header('Link', `<${pathname}?${searchParams.toString()}>; rel="next"`);
}
