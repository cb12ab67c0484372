import { Controller, Delete, Get, HttpCode, HttpStatus, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../platform/authorization/current-user.decorator.js';
import { ApiErrors } from '../platform/errors/api-errors.decorator.js';
import { PathIdPipe } from '../platform/validation/path-id.pipe.js';
import { SessionResponse } from './dto/session-response.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Authentication')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * List your sessions
   *
   * @remarks The devices you are logged in on, newest first.
   */
  @Get()
  listSessions(@CurrentUser() actor: CurrentUser): Promise<SessionResponse[]> {
    return this.sessions.list(actor);
  }

  /**
   * End one of your sessions
   *
   * @remarks Revokes its refresh token. The device's access token stays valid until it expires.
   * @throws {404} You have no such session.
   */
  @Delete(':session_id')
  @ApiErrors('session_not_found')
  @HttpCode(HttpStatus.NO_CONTENT)
  deleteSession(
    @Param('session_id', PathIdPipe) id: number,
    @CurrentUser() actor: CurrentUser,
  ): Promise<void> {
    return this.sessions.delete(id, actor);
  }
}
