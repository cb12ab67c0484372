import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { currentUserOf } from './current-user.decorator.js';
import { isOwner } from './role.js';

/** The fields of the body that only owners may send. */
export const OwnerFields = Reflector.createDecorator<string[]>();

/** 403 for an employee whose request has a field that is for owners only, whatever its value. */
@Injectable()
export class OwnerFieldsGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (isOwner(currentUserOf(request).role)) return true;
    const fields = this.reflector.get(OwnerFields, context.getHandler());
    const sent = fields.find((field) => hasField(request.body, field));
    if (sent === undefined) return true;
    throw new ForbiddenException(`Your role does not allow you to send ${sent}`);
  }
}

/** Whether a body, or an entry of one of its lists, has a field. */
function hasField(body: unknown, field: string): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (Object.hasOwn(body, field)) return true;
  const entries = Object.values(body)
    .filter((value) => Array.isArray(value))
    .flat() as unknown[];
  return entries.some((entry) => typeof entry === 'object' && entry !== null && Object.hasOwn(entry, field));
}
