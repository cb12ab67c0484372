import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { IsPublic } from '../access/public.decorator.js';
import { AuthService } from './auth.service.js';

/** RFC 6750, section 2.1. A scheme has no letter case (RFC 9110, section 11.1). */
const BEARER = /^Bearer +(\S+)$/i;

/**
 * Closes every route to callers without a good access token, except where `@Public()` opens it. The user and the role
 * come from the database each time.
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
    const { authorization } = request.headers;
    if (!authorization) throw new UnauthorizedException('Not authenticated');
    const token = BEARER.exec(authorization)?.[1];
    request.user = token === undefined ? undefined : await this.auth.findCaller(token);
    if (!request.user) throw new UnauthorizedException('Could not validate credentials');
    return true;
  }
}
