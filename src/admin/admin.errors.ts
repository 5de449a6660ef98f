/** The base of every refusal that the command explains to an operator; none of them reaches a caller of the API. */
export abstract class AdminError extends Error {}

/** Another user or service account has this id, another user this email, or another organization this domain. */
export class AlreadyTakenError extends AdminError {
  constructor(what: 'id' | 'email' | 'domain', value: string) {
    super(`The ${what} ${value} is already taken`);
  }
}

/** No user has this id or email. */
export class UnknownUserError extends AdminError {
  constructor(idOrEmail: string) {
    super(`No user has the id or email ${idOrEmail}`);
  }
}

/** No service account has this id. */
export class UnknownServiceError extends AdminError {
  constructor(id: string) {
    super(`No service account has the id ${id}`);
  }
}

/** No organization has this id. */
export class UnknownOrganizationError extends AdminError {
  constructor(id: string) {
    super(`No organization has the id ${id}`);
  }
}

/** A role was given to a user who belongs to no organization. */
export class NoOrganizationError extends AdminError {
  constructor(userId: string) {
    super(`The user ${userId} belongs to no organization, so there is no role to set`);
  }
}

/** A role, scopes or a token for a soft-deleted user or service account, which can do nothing until it is restored. */
export class AlreadyDeletedError extends AdminError {
  constructor(what: 'user' | 'service account', id: string) {
    super(`The ${what} ${id} is deleted: ${what === 'user' ? 'restore-user' : 'restore-service'} comes first`);
  }
}

/** Only a soft-deleted user can be erased. */
export class NotDeletedError extends AdminError {
  constructor(userId: string) {
    super(`user ${userId} is not deleted: delete-user comes first, because erasing cannot be undone`);
  }
}

/** A token was asked for where an identity provider issues them. */
export class ForeignIssuerError extends AdminError {
  constructor(issuer: string) {
    super(`Tokens come from ${issuer}, as JWT_JWKS_URI says: this command issues them only where JWT_SECRET signs`);
  }
}

/** An organization would be left without an owner. */
export class LastOwnerError extends AdminError {
  constructor(userId: string) {
    super(`The user ${userId} is the last owner of their organization: make another first, or use --force`);
  }
}

/** A file that cannot be split into rows. */
export class UnreadableFileError extends AdminError {
  constructor(path: string, reason: string) {
    super(`${path} cannot be read: ${reason}`);
  }
}
