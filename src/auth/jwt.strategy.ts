import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import { UnauthorizedError } from './auth.errors.js';
import { isUserId, type Principal } from './principal.js';
import { SIGNING_KEY } from './signing-key.js';

/** RFC 6750 §2.1: the scheme, and one token of these characters. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * Verifies a bearer token: HS256 and nothing else, signature, `exp` and `nbf` (RFC 7519 §4.1), no critical extension
 * (RFC 7515 §4.1.11), and takes the user from it.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(@Inject(SIGNING_KEY) key: KeyObject) {
    super({
      jwtFromRequest: (request: unknown) => tokenOf(request as FastifyRequest),
      // jsonwebtoken takes a KeyObject; only the types of passport-jwt have not heard of it.
      secretOrKey: key as unknown as Buffer,
      algorithms: ['HS256'],
      passReqToCallback: true,
    });
  }

  /** The user is the `sub` claim or, only where there is none, what the platform's own tokens carry: `userId`. */
  validate(request: FastifyRequest, claims: Record<string, unknown>): Principal {
    const userId = claims['sub'] === undefined ? claims['userId'] : claims['sub'];
    if (!Number.isFinite(claims['exp']) || !isUserId(userId) || hasCriticalExtension(tokenOf(request)!)) {
      throw UnauthorizedError.invalidToken('the token is not valid');
    }
    return { userId };
  }
}

function tokenOf({ headers: { authorization = '' } }: FastifyRequest): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}

/** What nearly every token begins with, so that nearly no header has to be read twice. */
const PLAIN_HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

function hasCriticalExtension(token: string): boolean {
  const header = token.slice(0, token.indexOf('.'));
  if (header === PLAIN_HEADER) return false;
  return 'crit' in (JSON.parse(Buffer.from(header, 'base64url').toString()) as object);
}
