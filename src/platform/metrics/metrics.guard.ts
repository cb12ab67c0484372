import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { CodedException } from '../errors/coded.exception.js';

/** Lets whoever has METRICS_TOKEN in. Where there is none: everyone in development, nobody in production. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const { metricsToken, environment } = this.settings;
    if (metricsToken === undefined) {
      if (environment === 'production') throw new NotFoundException('There is nothing at this address');
      return true;
    }
    const { authorization = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const [, given = ''] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (timingSafeEqual(digestOf(given), digestOf(metricsToken))) return true;
    throw authorization
      ? new CodedException(401, 'invalid_token', 'Could not validate credentials')
      : new CodedException(401, 'not_authenticated', 'Not authenticated');
  }
}

/** Of one length whatever the text is, as comparing in constant time needs it. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
