import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { MAX_ADDRESS_LENGTH, MAX_USER_AGENT_LENGTH } from './session.entity.js';

/** The client that sent a request. */
export interface Device {
  readonly user_agent: string | null;
  readonly address: string;
}

export const CurrentDevice = createParamDecorator((_: unknown, context: ExecutionContext): Device => {
  const { headers, ip } = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    user_agent: headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    address: ip.slice(0, MAX_ADDRESS_LENGTH),
  };
});
