import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ExtractJwt } from 'passport-jwt';

/** Reads the bearer token of a request (RFC 6750); null when there is none. */
export const extractToken = ExtractJwt.fromAuthHeaderAsBearerToken();

/** The access token of the request. The route is not public, so there is one. */
export const AccessToken = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    extractToken(context.switchToHttp().getRequest<FastifyRequest>()) as string,
);
