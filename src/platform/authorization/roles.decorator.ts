import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiForbiddenResponse } from '@nestjs/swagger';
import type { Role } from './role.js';

export const AllowedRoles = Reflector.createDecorator<Role[]>();

/** Lets only these roles in, and says so in the API's documentation. Without it, a route is open to every role. */
export function Roles(...roles: [Role, ...Role[]]): MethodDecorator {
  return applyDecorators(
    AllowedRoles(roles),
    ApiForbiddenResponse({ description: `Only for: ${roles.join(', ')}.` }),
  );
}
