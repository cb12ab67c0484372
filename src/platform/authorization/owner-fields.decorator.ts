import { applyDecorators, UseGuards } from '@nestjs/common';
import { ApiForbiddenResponse } from '@nestjs/swagger';
import { OwnerFields, OwnerFieldsGuard } from './owner-fields.guard.js';
import { OWNERS } from './role.js';

/** Lets only owners send these fields, in the body or in the entries of a list there, and documents it. */
export function OwnersOnlyFields(...fields: [string, ...string[]]): MethodDecorator {
  return applyDecorators(
    OwnerFields(fields),
    UseGuards(OwnerFieldsGuard),
    ApiForbiddenResponse({ description: `Only ${OWNERS.join(' and ')} may send ${fields.join(', ')}.` }),
  );
}
