import type { FastifyRequest } from 'fastify';
import { errors, type JWTHeaderParameters, jwtVerify } from 'jose';
import passport from 'passport';
import type { EmailClaims, IdentityProvider } from '../config/environment.js';
import { UnauthorizedError } from './auth.errors.js';
import { bearerTokenOf, principalOf } from './bearer-token.js';
import type { KeySet } from './key-set.js';
import type { Principal } from './principal.js';
import { hasRepeatedMember } from './repeated-member.js';
import type { TokenMemory } from './token-memory.js';

/**
 * The algorithms that an identity provider may sign with; none has a secret that a public key could be mistaken for.
 */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

/** The longest `kid` for which keys are looked up, in UTF-16 code units. */
const MAX_KID_LENGTH = 255;

/**
 * Verifies a bearer token of an identity provider, in place of passport-jwt, because jsonwebtoken knows no EdDSA:
 * signature, issuer, audience, `exp` and `nbf` (RFC 7519 §4.1, RFC 8725), no critical extension (RFC 7515 §4.1.11) and
 * no member twice.
 *
 * The key is found in the configured set alone. Headers that bring or name a key (`jwk`, `jku`, `x5c`, `x5u`) are
 * ignored like every other that is not needed (RFC 7515 §4): some providers send them.
 */
export class JwksStrategy extends passport.Strategy implements TokenMemory {
  override readonly name = 'jwt';

  constructor(
    private readonly keys: KeySet,
    private readonly provider: IdentityProvider,
    private readonly emailClaims?: EmailClaims,
  ) {
    super();
    passport.use(this);
  }

  override authenticate(request: unknown): void {
    const token = bearerTokenOf(request as FastifyRequest);
    if (token === null) return this.fail();
    this.verify(token).then(
      (principal) => this.success(principal),
      (error: unknown) => this.error(unauthorized(error)),
    );
  }

  recall(token: string): Principal | undefined {
    return this.keys.verified?.recall(token);
  }

  private async verify(token: string): Promise<Principal> {
    let verified: KeySet['verified'];
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        assertPlain(header);
        const found = await this.keys.find(header);
        verified = found.verified;
        return found.key;
      },
      {
        algorithms: ALGORITHMS,
        issuer: this.provider.issuer,
        audience: this.provider.audience,
        requiredClaims: ['exp'],
        clockTolerance: this.provider.clockToleranceSeconds,
      },
    );
    const principal = principalOf(payload, this.emailClaims);
    if (token.split('.', 2).some(hasRepeatedMember)) throw new errors.JWTInvalid('A member is there twice');
    verified?.remember(token, principal, payload.exp! + this.provider.clockToleranceSeconds);
    return principal;
  }
}

/** Before any key is looked for. */
function assertPlain(header: JWTHeaderParameters): void {
  const { kid } = header as { kid?: unknown };
  if ('crit' in header) throw new errors.JOSENotSupported('No critical extension is known');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID_LENGTH)) {
    throw new errors.JWSInvalid('The kid is none');
  }
}

/** The reply says what is wrong with a token only if it is the time; the signature was verified before that. */
function unauthorized(error: unknown): UnauthorizedError {
  if (error instanceof UnauthorizedError) return error;
  if (error instanceof errors.JWTExpired) return UnauthorizedError.invalidToken('the token has expired');
  const isEarly =
    error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf' && error.reason === 'check_failed';
  return UnauthorizedError.invalidToken(isEarly ? 'the token is not valid yet' : 'the token is not valid');
}
