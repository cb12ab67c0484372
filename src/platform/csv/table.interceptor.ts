import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DateTime } from 'luxon';
import { map, type Observable } from 'rxjs';
import { Settings } from '../config/settings.js';
import { DatabaseClock } from '../database/database-clock.js';
import { JSON_TYPE } from '../http/json-type.js';
import { addVary } from '../http/vary.js';
import { lastValueOf } from '../validation/request-validation.pipe.js';
import type { TableFormat } from './csv-query.dto.js';
import { CSV_TYPE, negotiateFormat } from './table-format.js';
import type { Table } from './table.js';

/** How a route sends its table. */
export interface TableRoute {
  /** What a client saves it as: with the day, and as `.csv`. */
  fileName: string;
  /** The first one is the default. */
  formats: readonly TableFormat[];
}

export const SentAsTable = Reflector.createDecorator<TableRoute>();

/** Sends a {@link Table} in the format that the client prefers. */
@Injectable()
export class TableInterceptor implements NestInterceptor<Table> {
  constructor(
    private readonly reflector: Reflector,
    private readonly clock: DatabaseClock,
    private readonly settings: Settings,
  ) {}

  /** @throws CodedException 406 when the route does not offer what the client takes */
  intercept(context: ExecutionContext, next: CallHandler<Table>): Observable<unknown> {
    const http = context.switchToHttp();
    const { query, headers } = http.getRequest<FastifyRequest<{ Querystring: { format?: unknown } }>>();
    const reply = http.getResponse<FastifyReply>();
    const { fileName, formats } = this.reflector.get(SentAsTable, context.getHandler());
    addVary(reply, 'Accept');
    const format = negotiateFormat(lastValueOf(query.format), headers.accept, formats);
    return next.handle().pipe(
      map((table) => {
        if (format === 'json') {
          void reply.type(JSON_TYPE);
          return table.toJson();
        }
        const file = `${fileName}-${this.today()}.csv`;
        void reply.type(CSV_TYPE).header('content-disposition', `attachment; filename="${file}"`);
        return table.toCsv();
      }),
    );
  }

  private today(): string {
    const { shopTimeZone: zone } = this.settings;
    return DateTime.fromMillis(this.clock.now(), { zone }).toFormat('yyyy-MM-dd');
  }
}
