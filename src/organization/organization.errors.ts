import { AppError } from '../common/errors/app-error.js';
import { InvalidInputError } from '../common/errors/common.errors.js';

/** The caller has no organization: no membership, or a soft-deleted organization. */
export class NotAssociatedError extends AppError {
  readonly code = 'NOT_ASSOCIATED';
  readonly kind = 'not-found';

  constructor() {
    super('User not associated with any organization');
  }
}

/** The path names no organization: unknown, soft-deleted, or not a UUID. */
export class OrganizationNotFoundError extends AppError {
  readonly code = 'ORGANIZATION_NOT_FOUND';
  readonly kind = 'not-found';

  constructor() {
    super('Organization not found');
  }
}

/** The caller may look at an organization only as its member. */
export class NotAMemberError extends AppError {
  readonly code = 'NOT_A_MEMBER';
  readonly kind = 'forbidden';

  constructor() {
    super('Access denied: you can only view your own organization');
  }
}

/** The caller's role, or no membership at all, does not allow the change. */
export class InsufficientRoleError extends AppError {
  readonly code = 'INSUFFICIENT_ROLE';
  readonly kind = 'forbidden';

  constructor(resource: 'organization' | 'organization settings' | 'organization policy') {
    super(`Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify ${resource}`);
  }
}

/** Nothing in the body can be updated. */
export class NoValidFieldsError extends InvalidInputError {
  constructor() {
    super('No valid fields to update');
  }
}
