import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Role } from './role.js';

/** Who sends the request, as the database has them at this moment. */
export interface CurrentUser {
  readonly id: number;
  readonly role: Role;
  /** The session that the access token comes from; absent where the token does not say. */
  readonly sessionId?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication guard; absent on public routes. */
    user?: CurrentUser;
  }
}

/** @throws Error on a public route, where nobody is known to call */
export function currentUserOf({ user }: FastifyRequest): CurrentUser {
  if (!user) throw new Error('A public route has no current user.');
  return user;
}

export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): CurrentUser =>
  currentUserOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
