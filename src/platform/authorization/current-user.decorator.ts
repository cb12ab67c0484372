import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Role } from './role.js';

/** The user who sends the request, as stored in the database now. */
export interface CurrentUser {
  readonly id: number;
  readonly role: Role;
  /** The session of the access token; absent in tokens of the first version. */
  readonly sessionId?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication guard; absent on public routes. */
    user?: CurrentUser;
  }
}

/** @throws Error on a public route, which has no current user */
export function currentUserOf({ user }: FastifyRequest): CurrentUser {
  if (!user) throw new Error('A public route has no current user.');
  return user;
}

export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): CurrentUser =>
  currentUserOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
