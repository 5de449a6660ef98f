import type { RefusalReason } from '../auth/access.decorator.js';
import { AppError } from '../common/errors/app-error.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { NotAssociatedError } from '../organization/organization.errors.js';

export const INVALID_ROLE = 'Invalid role combination';

/** What a caller may not do, as the message of the endpoint ends. */
export type MemberAction =
  | 'view users'
  | 'create users'
  | 'update users'
  | 'delete users'
  | 'activate users'
  | 'invite users'
  | 'update user roles';

/** The caller's role, or the member's, does not allow it; or the caller has no organization. */
export class MemberPermissionError extends AppError {
  readonly code: 'INSUFFICIENT_ROLE' | 'INSUFFICIENT_SCOPE';
  readonly kind = 'forbidden';

  constructor(action: MemberAction, reason: RefusalReason = 'role') {
    const isScope = reason !== 'role' && reason !== 'no-organization';
    super(`Insufficient permissions to ${action}`, isScope ? `the scope ${reason} is required` : undefined);
    this.code = isScope ? 'INSUFFICIENT_SCOPE' : 'INSUFFICIENT_ROLE';
  }
}

/** A caller without an organization has nobody to look at. */
export class NoOrganizationError extends AppError {
  readonly code = 'NOT_ASSOCIATED';
  readonly kind = 'forbidden';

  constructor() {
    super(new NotAssociatedError().message);
  }
}

/** A role that does not exist, or a change that would leave no owner. */
export class InvalidRoleError extends InvalidInputError {
  override readonly code = 'INVALID_ROLE';

  constructor() {
    super(INVALID_ROLE);
  }
}

/** An organization keeps an active owner. */
export class LastOwnerError extends InvalidInputError {
  override readonly code = 'LAST_OWNER';

  constructor() {
    super('Cannot delete the last owner');
  }
}

/** An email belongs to one user among those of all organizations. */
export class EmailTakenError extends AppError {
  readonly code = 'EMAIL_TAKEN';
  readonly kind = 'conflict';

  constructor() {
    super('User with this email already exists');
  }
}

/** A user was invited too often, or an organization invited too often. */
export class TooManyInvitationsError extends AppError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly kind = 'too-many-requests';
  override readonly headers: Record<string, string>;

  constructor(retryAfterSeconds: number) {
    super(
      'Too many requests',
      'a user gets one invitation in 10 minutes, and an organization sends at most 1,000 a day',
    );
    this.headers = { 'Retry-After': String(retryAfterSeconds) };
  }
}

/** Emails of others were asked for too often: each 409 says that one is in use somewhere. */
export class TooManyTakenEmailsError extends AppError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly kind = 'too-many-requests';
  override readonly headers: Record<string, string>;

  constructor(retryAfterSeconds: number) {
    super('Too many requests', 'too many of the emails were in use already');
    this.headers = { 'Retry-After': String(retryAfterSeconds) };
  }
}
