import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiForbiddenResponse } from '@nestjs/swagger';
import type { Role } from './role.js';

export const AllowedRoles = Reflector.createDecorator<Role[]>();

/** Restricts a route to these roles, and documents it. Without it, every role may use the route. */
export function Roles(...roles: [Role, ...Role[]]): MethodDecorator {
  return applyDecorators(
    AllowedRoles(roles),
    ApiForbiddenResponse({ description: `Only for: ${roles.join(', ')}.` }),
  );
}
