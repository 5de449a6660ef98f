import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { UnauthorizedError } from './auth.errors.js';
import { isUserId, type Principal } from './principal.js';
import { SIGNING_KEY } from './signing-key.js';

/**
 * Verifies a bearer token: HS256 and nothing else, signature, `exp` and `nbf` (RFC 7519 §4.1), and takes the user from
 * it.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(@Inject(SIGNING_KEY) key: KeyObject) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // jsonwebtoken takes a KeyObject; only the types of passport-jwt have not heard of it.
      secretOrKey: key as unknown as Buffer,
      algorithms: ['HS256'],
    });
  }

  /** The user is the `sub` claim or, only where there is none, what the platform's own tokens carry: `userId`. */
  validate(claims: Record<string, unknown>): Principal {
    const userId = claims['sub'] === undefined ? claims['userId'] : claims['sub'];
    if (claims['exp'] === undefined || !isUserId(userId))
      throw UnauthorizedError.invalidToken('the token is not valid');
    return { userId };
  }
}
