import { AppError } from '../common/errors/app-error.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { ORGANIZATION_HEADER } from './organization-header.js';
import type { ServiceScope } from '../auth/service-scope.js';

/** A service account does not say on which organization it wants to act. */
export class OrganizationRequiredError extends InvalidInputError {
  override readonly code = 'ORGANIZATION_REQUIRED';

  constructor() {
    super(`${ORGANIZATION_HEADER} is required`);
  }
}

/** A service account may not look at what it asks for. */
export class InsufficientScopeError extends AppError {
  readonly code = 'INSUFFICIENT_SCOPE';
  readonly kind = 'forbidden';

  constructor(scope: ServiceScope) {
    super(`Insufficient permissions: the scope ${scope} is required`);
  }
}

/** The caller is no service account, or one of a single organization, and asks for something of all of them. */
export class NotForAllOrganizationsError extends AppError {
  readonly code = 'INSUFFICIENT_SCOPE';
  readonly kind = 'forbidden';

  constructor() {
    super('Insufficient permissions: only service accounts of all organizations can do this');
  }
}
