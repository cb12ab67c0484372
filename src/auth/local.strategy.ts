import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-local';
import { LoginThrottlingService } from '../platform/throttling/login-throttling.service.js';
import type { User } from '../users/user.entity.js';
import { AuthService } from './auth.service.js';

/** Checks the username and password that OAuth2's password flow sends in the body (RFC 6749, section 4.3). */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy) {
  constructor(
    private readonly auth: AuthService,
    private readonly throttling: LoginThrottlingService,
  ) {
    super({ passReqToCallback: true });
  }

  validate({ ip }: FastifyRequest, username: string, password: string): Promise<User> {
    return this.throttling.throttle(username, ip, () => this.auth.authenticate(username, password));
  }
}
