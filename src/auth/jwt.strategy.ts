import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import jwt from 'jsonwebtoken';
import { Strategy } from 'passport-jwt';
import { type EmailClaims, Environment } from '../config/environment.js';
import { UnauthorizedError } from './auth.errors.js';
import { bearerTokenOf, principalOf } from './bearer-token.js';
import type { Principal } from './principal.js';
import { loadPreviousKey, SIGNING_KEY } from './signing-key.js';
import type { TokenMemory } from './token-memory.js';
import { VerifiedTokens } from './verified-tokens.js';

const ALGORITHMS: jwt.Algorithm[] = ['HS256'];

/**
 * Verifies a bearer token where `JWT_SECRET` signs: HS256 and nothing else, signature, `exp` and `nbf` (RFC 7519 §4.1),
 * no critical extension (RFC 7515 §4.1.11). A token that `JWT_SECRET_PREVIOUS` signed is judged in the same way.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) implements TokenMemory {
  private readonly verified = new VerifiedTokens();

  private readonly clockToleranceSeconds: number;

  private readonly emailClaims: EmailClaims | undefined;

  constructor(@Inject(SIGNING_KEY) key: KeyObject, environment: Environment) {
    const clockTolerance = environment.JWT_CLOCK_TOLERANCE_SECONDS;
    const previous = loadPreviousKey(environment);
    super({
      jwtFromRequest: (request: unknown) => bearerTokenOf(request as FastifyRequest),
      secretOrKeyProvider: (_request, token: string, done) => {
        const signer = previous !== undefined && isSignedBy(previous, token) ? previous : key;
        // jsonwebtoken takes a KeyObject; only the types of passport-jwt do not allow it.
        done(null, signer as unknown as Buffer);
      },
      algorithms: ALGORITHMS,
      jsonWebTokenOptions: { clockTolerance },
      passReqToCallback: true,
    });
    this.clockToleranceSeconds = clockTolerance;
    this.emailClaims = environment.emailClaims;
  }

  recall(token: string): Principal | undefined {
    return this.verified.recall(token);
  }

  validate(request: FastifyRequest, claims: Record<string, unknown>): Principal {
    const principal = principalOf(claims, this.emailClaims);
    const token = bearerTokenOf(request)!;
    if (hasCriticalExtension(token)) throw UnauthorizedError.invalidToken('the token is not valid');
    this.verified.remember(token, principal, (claims['exp'] as number) + this.clockToleranceSeconds);
    return principal;
  }
}

function isSignedBy(key: KeyObject, token: string): boolean {
  try {
    jwt.verify(token, key, { algorithms: ALGORITHMS, ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

/** The header of nearly every token, so that hardly any header has to be read twice. */
const PLAIN_HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

function hasCriticalExtension(token: string): boolean {
  const header = token.slice(0, token.indexOf('.'));
  if (header === PLAIN_HEADER) return false;
  return 'crit' in (JSON.parse(Buffer.from(header, 'base64url').toString()) as object);
}
