import type { FastifyRequest } from 'fastify';

/** The subject that the token identifies. Its claims about organization or role are ignored. */
export interface Principal {
  /** The token's subject; behind `SignInGuard`, the id of the user to whom it belongs. */
  readonly userId: string;
  /** Its ASCII letters in lower case; only where subjects are linked by it, and the token says that it is verified. */
  readonly email?: string;
}

export type AuthenticatedRequest = FastifyRequest<{ Params: { orgId?: string } }> & { user: Principal };

/** `/user/profile` is the caller's own, so this is no user's id. */
export const PROFILE = 'profile';

/** User ids are opaque, so anything that the database can keep as text is allowed: 1 to 255 well-formed characters. */
export function isUserId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    [...value].length <= 255 &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}
