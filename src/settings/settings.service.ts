import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError, PayloadTooLargeError, PreconditionFailedError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { type Caller, ServiceCaller } from '../organization/caller.js';
import { MembershipService } from '../organization/membership.service.js';
import { InsufficientRoleError } from '../organization/organization.errors.js';
import { ServiceAccessService } from '../organization/service-access.service.js';
import { UserNotFoundError } from '../user/user.errors.js';
import type { ChangeOptions, SettingsChange } from './settings-change.js';
import { organizationOwner, type Owner, type Scope, serviceOwner, userOwner } from './settings-owner.js';
import { VersionNotFoundError } from './settings.errors.js';
import { type Limits, SettingsRepository, type SettingsWritten } from './settings.repository.js';

/** A document, as its own JSON text, with its entity tag. */
export interface CurrentSettings {
  readonly entityTag: string;
  /** `null` when the caller has this version. */
  readonly settings: string | null;
}

/** What a change made, with the entity tag of the version that is now the current one. */
export interface ChangedSettings {
  readonly entityTag: string;
  /** Only of a dry run: the document as it would be, and the difference as a JSON Patch (RFC 6902); both as text. */
  readonly settings: string | null;
  readonly patch: string | null;
}

/** Reads and changes settings documents on behalf of a user or a service account. Documents are JSON text throughout. */
@Injectable()
export class SettingsService {
  private readonly limits: Limits;

  constructor(
    private readonly settings: SettingsRepository,
    private readonly memberships: MembershipService,
    private readonly services: ServiceAccessService,
    environment: Environment,
  ) {
    this.limits = { bytes: environment.SETTINGS_MAX_BYTES, depth: environment.SETTINGS_MAX_DEPTH };
  }

  /**
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws InsufficientScopeError
   * @throws PreconditionFailedError
   */
  read(scope: Scope, caller: Caller, preconditions: Preconditions): Promise<CurrentSettings> {
    return this.onDocument(scope, caller, async (owner) => {
      const read = await this.settings.read(owner, preconditions);
      return read && seenBy(preconditions, owner, read);
    });
  }

  /**
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws InsufficientRoleError
   * @throws InsufficientScopeError when a service account would see the document of a dry run
   * @throws PreconditionFailedError
   * @throws VersionNotFoundError when a version to restore is not kept
   * @throws PatchConflictError
   * @throws InvalidInputError when a patch makes the document too deep
   * @throws PayloadTooLargeError
   */
  change(scope: Scope, caller: Caller, change: SettingsChange, options: ChangeOptions): Promise<ChangedSettings> {
    return this.onDocument(scope, caller, async (owner) => {
      const written = await this.settings.change(owner, change, options, this.limits);
      if (written === undefined) return undefined;
      this.requireThatItWasMade(owner, caller, written);
      return { ...written, entityTag: entityTagOf(owner.id, written.version) };
    });
  }

  /**
   * Runs a statement on the user's own document, or on that of their organization or a service account's.
   *
   * @param attempt resolves to `undefined` when the caller may not see the document
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws InsufficientRoleError
   * @throws InsufficientScopeError
   */
  async onDocument<Result>(
    scope: Scope,
    caller: Caller,
    attempt: (owner: Owner) => Promise<Result | undefined>,
  ): Promise<Result> {
    if (caller instanceof ServiceCaller) {
      const result = await attempt(serviceOwner(caller.organizationId, caller.serviceId));
      return result === undefined ? this.services.refuse(caller) : result;
    }
    const { userId } = caller;
    if (scope === 'organization') {
      return this.memberships.within(userId, (organizationId) => attempt(organizationOwner(organizationId, userId)));
    }
    const result = await attempt(userOwner(userId));
    if (result === undefined) throw new UserNotFoundError();
    return result;
  }

  private requireThatItWasMade(owner: Owner, caller: Caller, written: SettingsWritten): void {
    const { mayWrite, before, isExpected, bytes, isTooDeep } = written;
    if (!mayWrite) {
      if (!(caller instanceof ServiceCaller)) this.memberships.forget(caller.userId);
      throw new InsufficientRoleError('organization settings');
    }
    if (before === null) throw new Error('The document was not found and not stored');
    if (!isExpected) throw new PreconditionFailedError(entityTagOf(owner.id, before));
    if (bytes === null) throw new VersionNotFoundError();
    if (isTooDeep) throw new InvalidInputError(`nested deeper than ${this.limits.depth} levels`);
    if (bytes > this.limits.bytes) {
      throw new PayloadTooLargeError(
        `the settings would take ${bytes} bytes, more than the ${this.limits.bytes} allowed`,
      );
    }
  }
}

/**
 * A document as its reader sees it.
 *
 * @throws PreconditionFailedError
 */
export function seenBy(
  preconditions: Preconditions,
  owner: Owner,
  { version, settings }: { version: string; settings: string | null },
): CurrentSettings {
  const outcome = preconditions.allowRead(owner.id, version);
  return { entityTag: entityTagOf(owner.id, version), settings: outcome === 'not-modified' ? null : settings };
}
