import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { Settings } from '../config/settings.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { ThrottlingModule } from '../throttling/throttling.module.js';
import { UsersModule } from '../users/users.module.js';
import { RequestValidationPipe } from '../validation/request-validation.pipe.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LocalStrategy } from './local.strategy.js';
import { signingKeyOf } from './signing-key.js';
import { TokensService } from './tokens.service.js';

@Module({
  imports: [
    JwtModule.registerAsync({
      inject: [Settings],
      useFactory: (settings: Settings) => ({
        secret: signingKeyOf(settings),
        signOptions: { algorithm: settings.algorithm },
        verifyOptions: { algorithms: [settings.algorithm] },
      }),
    }),
    PassportModule,
    PasswordsModule,
    SessionsModule,
    ThrottlingModule,
    UsersModule,
  ],
  controllers: [AuthController],
  providers: [AuthService, TokensService, JwtStrategy, LocalStrategy, RequestValidationPipe],
})
export class AuthModule {}
