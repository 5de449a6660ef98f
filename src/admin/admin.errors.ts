import { AppError } from '../common/errors/app-error.js';

/** Another user or service account has this id, another user this email, or another organization this domain. */
export class AlreadyTakenError extends AppError {
  readonly code = 'ALREADY_TAKEN';
  readonly kind = 'invalid';

  constructor(what: 'id' | 'email' | 'domain', value: string) {
    super(`The ${what} ${value} is already taken`);
  }
}

/** No user has this id or email. */
export class UnknownUserError extends AppError {
  readonly code = 'UNKNOWN_USER';
  readonly kind = 'not-found';

  constructor(idOrEmail: string) {
    super(`No user has the id or email ${idOrEmail}`);
  }
}

/** No service account has this id. */
export class UnknownServiceError extends AppError {
  readonly code = 'UNKNOWN_SERVICE';
  readonly kind = 'not-found';

  constructor(id: string) {
    super(`No service account has the id ${id}`);
  }
}

/** No organization has this id. */
export class UnknownOrganizationError extends AppError {
  readonly code = 'UNKNOWN_ORGANIZATION';
  readonly kind = 'not-found';

  constructor(id: string) {
    super(`No organization has the id ${id}`);
  }
}

/** A role was given to a user who belongs to no organization. */
export class NoOrganizationError extends AppError {
  readonly code = 'NO_ORGANIZATION';
  readonly kind = 'invalid';

  constructor(userId: string) {
    super(`The user ${userId} belongs to no organization, so there is no role to set`);
  }
}

/** A role, scopes or a token for a soft-deleted user or service account, which can do nothing until it is restored. */
export class AlreadyDeletedError extends AppError {
  readonly code = 'ALREADY_DELETED';
  readonly kind = 'invalid';

  constructor(what: 'user' | 'service account', id: string) {
    super(`The ${what} ${id} is deleted: ${what === 'user' ? 'restore-user' : 'restore-service'} comes first`);
  }
}

/** Only who was soft-deleted before can be erased. */
export class NotDeletedError extends AppError {
  readonly code = 'NOT_DELETED';
  readonly kind = 'invalid';

  constructor(userId: string) {
    super(`user ${userId} is not deleted: delete-user comes first, because erasing cannot be undone`);
  }
}

/** A token was asked for where an identity provider issues them. */
export class ForeignIssuerError extends AppError {
  readonly code = 'FOREIGN_ISSUER';
  readonly kind = 'invalid';

  constructor(issuer: string) {
    super(`Tokens come from ${issuer}, as JWT_JWKS_URI says: this command issues them only where JWT_SECRET signs`);
  }
}
