import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiSecurity } from '@nestjs/swagger';

export const IsPublic = Reflector.createDecorator<boolean>();

/** Opens a route, or all routes of a controller, to requests without an access token. All other routes require one. */
export function Public(): MethodDecorator & ClassDecorator {
  return applyDecorators(IsPublic(true), ApiSecurity({}));
}
