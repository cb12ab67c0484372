import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { RequestValidationPipe } from '../platform/validation/request-validation.pipe.js';
import { LoginRequest } from './dto/login-request.dto.js';

/** Logs in by passport's local strategy. Validates the body first, because guards run before the route's pipe. */
@Injectable()
export class LoginGuard extends AuthGuard('local') {
  constructor(private readonly validation: RequestValidationPipe) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.body = this.validation.transform(request.body, { type: 'body', metatype: LoginRequest });
    return (await super.canActivate(context)) as boolean;
  }
}
