import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { rowTag } from './entity-tag.js';
import { answerTagged } from './not-modified.js';
import { stateShownBy } from './row-states.js';

/** Tags the answer with the state of the row that it shows, which the handler has read, and checked for who may see it. */
@Injectable()
export class RowTagInterceptor implements NestInterceptor<object | undefined> {
  intercept(
    context: ExecutionContext,
    next: CallHandler<object | undefined>,
  ): Observable<object | undefined> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer) => {
        const state = stateShownBy(answer);
        if (!state) return answer;
        return answerTagged(rowTag(state), request, reply) ? undefined : answer;
      }),
    );
  }
}
