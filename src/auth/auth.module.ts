import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { PasswordsModule } from '../platform/passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { ThrottlingModule } from '../platform/throttling/throttling.module.js';
import { UsersModule } from '../users/users.module.js';
import { RequestValidationPipe } from '../platform/validation/request-validation.pipe.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { LocalStrategy } from './local.strategy.js';
import { TokensService } from './tokens.service.js';

@Module({
  imports: [PassportModule, PasswordsModule, SessionsModule, ThrottlingModule, UsersModule],
  controllers: [AuthController],
  providers: [AuthService, TokensService, LocalStrategy, RequestValidationPipe],
  exports: [AuthService],
})
export class AuthModule {}
