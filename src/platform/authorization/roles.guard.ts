import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Role } from './role.js';
import { AllowedRoles } from './roles.decorator.js';

/** 403 for a user whose role is not in the route's `@Roles`. Runs after the authentication guard. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const allowed = this.reflector.get(AllowedRoles, context.getHandler()) as Role[] | undefined;
    if (!allowed) return true;
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    if (user && allowed.includes(user.role)) return true;
    throw new ForbiddenException('Your role does not allow this');
  }
}
