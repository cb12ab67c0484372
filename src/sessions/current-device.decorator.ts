import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LONGEST_ADDRESS, LONGEST_USER_AGENT } from './session.entity.js';

/** Where a request comes from, and what sent it, as far as it tells. */
export interface Device {
  readonly user_agent: string | null;
  readonly address: string;
}

export const CurrentDevice = createParamDecorator((_: unknown, context: ExecutionContext): Device => {
  const { headers, ip } = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    user_agent: headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null,
    address: ip.slice(0, LONGEST_ADDRESS),
  };
});
