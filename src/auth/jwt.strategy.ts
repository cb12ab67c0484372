import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { CurrentUser } from '../access/current-user.decorator.js';
import { Settings } from '../config/settings.js';
import { AuthService } from './auth.service.js';
import { signingKeyOf } from './signing-key.js';
import type { TokenClaims } from './tokens.service.js';

/** An access token in the Authorization header (RFC 6750). The user and the role come from the database each time. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    settings: Settings,
    private readonly auth: AuthService,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: signingKeyOf(settings) as unknown as Buffer,
      algorithms: [settings.algorithm],
    });
  }

  async validate(claims: TokenClaims): Promise<CurrentUser | false> {
    if (claims.type !== 'access') return false;
    const user = await this.auth.findUserOf(claims);
    return user ? { id: user.id, role: user.role } : false;
  }
}
