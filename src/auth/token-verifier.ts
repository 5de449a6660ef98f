import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { UnauthorizedError } from './auth.errors.js';
import { bearerTokenOf } from './bearer-token.js';
import type { Principal } from './principal.js';
import { TokenMemory } from './token-memory.js';

/**
 * Finds the subject that the token of a request identifies. Passport verifies each token once; after that it is known.
 */
@Injectable()
export class TokenVerifier {
  constructor(private readonly tokens: TokenMemory) {}

  /**
   * @returns a promise only for a token that was not verified before
   * @throws UnauthorizedError, also as the promise's rejection
   */
  verify(request: FastifyRequest): Principal | Promise<Principal> {
    const { authorization } = request.headers;
    if (authorization === undefined || !/^Bearer\s/i.test(authorization)) throw UnauthorizedError.missingToken();
    const token = bearerTokenOf(request);
    const principal = token === null ? undefined : this.tokens.recall(token);
    return principal ?? verifyByPassport(request);
  }
}

function verifyByPassport(request: FastifyRequest): Promise<Principal> {
  return new Promise((resolve, reject) => {
    const authenticate = passport.authenticate(
      'jwt',
      { session: false },
      (error: unknown, principal: Principal | false | undefined, info: unknown) => {
        if (principal) resolve(principal);
        else reject(error instanceof UnauthorizedError ? error : UnauthorizedError.invalidToken(reasonOf(info)));
      },
    ) as (request: FastifyRequest, response: undefined, next: () => void) => void;
    try {
      authenticate(request, undefined, () => reject(UnauthorizedError.invalidToken('the token is not valid')));
    } catch {
      // On claims that are no object jsonwebtoken throws a TypeError of its own.
      reject(UnauthorizedError.invalidToken('the token is not valid'));
    }
  });
}

/** Goes by the name of the error from jsonwebtoken; its message is not passed on to the caller. */
function reasonOf(info: unknown) {
  switch (info instanceof Error ? info.name : undefined) {
    case 'TokenExpiredError':
      return 'the token has expired';
    case 'NotBeforeError':
      return 'the token is not valid yet';
    default:
      return 'the token is not valid';
  }
}
