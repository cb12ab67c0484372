import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { AccessToken } from '../auth/access-token.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { MovementStreamQuery } from './dto/movement-stream-query.dto.js';
import type { EventStream } from './event-stream.js';
import { LastEventId } from './last-event-id.decorator.js';
import { MovementFeed } from './movement-feed.service.js';

@ApiTags('Stock movements')
@Controller('stock')
export class MovementStreamController {
  constructor(private readonly feed: MovementFeed) {}

  /**
   * Listen to movements as they are recorded
   *
   * @remarks Server-Sent Events: each has a movement as its data, as JSON, and the movement's id as its id. Connect again with
   * the last id in `Last-Event-ID` or `after`, and you miss none and get none twice. A comment comes every 15 seconds. The
   * stream ends when the access token expires; a client that reads too slowly is disconnected.
   */
  @Get('stream')
  @ApiErrors('service_unavailable')
  @ApiProduces('text/event-stream')
  @Header('Content-Type', 'text/event-stream; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  // The connection serves nothing else, so a program that stops need not wait for another request on it.
  @Header('Connection', 'close')
  // For nginx, which collects responses otherwise.
  @Header('X-Accel-Buffering', 'no')
  @ApiOkResponse({
    description: 'Events, until you disconnect.',
    schema: { type: 'string', example: 'id: 34\ndata: {"id": 34, "item_id": 1, "delta": -1.5}\n\n' },
  })
  streamMovements(
    @Query() { after }: MovementStreamQuery,
    @AccessToken() accessToken: string,
    @CurrentUser() actor: CurrentUser,
    @LastEventId() lastEventId: number | undefined,
  ): Promise<EventStream> {
    return this.feed.open(accessToken, actor.role, lastEventId ?? after);
  }
}
