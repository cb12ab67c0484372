import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, NotFoundException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { CodedException } from '../errors/coded.exception.js';

/** Requires METRICS_TOKEN. When it is not set, /metrics is open in development and 404 in production. */
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

/** Hashes a text, because `timingSafeEqual` needs buffers of the same length. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
