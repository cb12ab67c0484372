import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { currentUserOf } from '../platform/authorization/current-user.decorator.js';
import { Role } from '../platform/authorization/role.js';
import { toFlag } from '../platform/validation/conversions.js';
import { lastValueOf } from '../platform/validation/request-validation.pipe.js';

/**
 * A market owner may list employees that are not deleted. All other lists of users are for admins. Checked in a guard,
 * because lists are cached by URL for all users: the check must come before the cache.
 */
@Injectable()
export class UserListGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (currentUserOf(request).role === Role.Admin) return true;
    const { role, include_deleted } = request.query as Record<string, unknown>;
    if (lastValueOf(role) === Role.Employee && toFlag(lastValueOf(include_deleted)) !== true) return true;
    throw new ForbiddenException(
      'A market owner lists employees only, with role=employee, and none that are deleted',
    );
  }
}
