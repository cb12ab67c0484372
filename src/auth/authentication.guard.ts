import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { IsPublic } from '../platform/authorization/public.decorator.js';
import { CodedException } from '../platform/errors/coded.exception.js';
import { extractToken } from './access-token.decorator.js';
import { AuthService } from './auth.service.js';

/**
 * Requires a valid access token on every route, except where `@Public()` opens it. User and role are read from the
 * database each time, so a change takes effect at once.
 *
 * Not passport-jwt's strategy: it checks the signature on every request, with one key and by the system clock
 * (docs/decisions/passport.md).
 */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly auth: AuthService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(IsPublic, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.headers.authorization)
      throw new CodedException(401, 'not_authenticated', 'Not authenticated');
    const token = extractToken(request);
    request.user = token === null ? undefined : await this.auth.authenticateToken(token);
    if (!request.user) throw new CodedException(401, 'invalid_token', 'Could not validate credentials');
    return true;
  }
}
