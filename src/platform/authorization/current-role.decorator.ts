import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { currentUserOf } from './current-user.decorator.js';
import type { Role } from './role.js';

/** The role of the user who sends the request. */
export function readCurrentRole(_: unknown, context: ExecutionContext): Role {
  return currentUserOf(context.switchToHttp().getRequest<FastifyRequest>()).role;
}

/** Injects {@link readCurrentRole}. A list that takes it is remembered for each role: see `@ConditionalListByRole()`. */
export const CurrentRole = createParamDecorator(readCurrentRole);
