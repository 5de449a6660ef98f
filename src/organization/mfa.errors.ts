import { AppError } from '../common/errors/app-error.js';
import { InternalError } from '../common/errors/common.errors.js';
import type { ErrorEnvelope } from '../common/http/error-envelope.js';
import { InsufficientRoleError } from './organization.errors.js';

export const MFA_FAILED = 'Failed to update organization MFA enforcement';

/** The caller has no organization whose flag this would be. */
export class NoOrganizationForMfaError extends AppError {
  readonly code = 'NOT_ASSOCIATED';
  readonly kind = 'invalid';

  constructor() {
    super('User not associated with an organization');
  }
}

/** The caller is neither ADMINISTRATOR nor OWNER, or has not the scope. */
export class MfaPermissionError extends AppError {
  readonly code = 'INSUFFICIENT_ROLE';
  readonly kind = 'forbidden';

  constructor() {
    super('Insufficient permissions. OWNER or ADMINISTRATOR role required.');
  }
}

/** `{success:false, error}`. */
export const mfaEnvelope: ErrorEnvelope = (error) => ({ success: false, error: messageOf(error) });

function messageOf(error: AppError): string {
  if (error instanceof InternalError) return MFA_FAILED;
  // The profile's own words, where the role went while the change waited.
  return error instanceof InsufficientRoleError ? new MfaPermissionError().message : error.message;
}
