import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError, PayloadTooLargeError, PreconditionFailedError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { ChangeFeed } from '../history/change-feed.js';
import { VersionNotFoundError } from '../history/version.errors.js';
import { preconditionFailedError } from '../history/version.js';
import { VersionAuthorRepository } from '../history/version-author.repository.js';
import type { Caller } from '../organization/caller.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { MembershipService } from '../organization/membership.service.js';
import { InsufficientRoleError, NotAssociatedError } from '../organization/organization.errors.js';
import { ServiceAccessService } from '../organization/service-access.service.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { sizeLimitsOf } from './content.js';
import { ImpactService } from './impact.service.js';
import { JudgedChangesService } from './judged-changes.service.js';
import type { ChangeOptions, SettingsChange } from './settings-change.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import type { OperatorCaller, OrganizationOwner, SettingsDocument, SettingsOwner } from './settings-owner.js';
import { PatchConflictError } from './settings.errors.js';
import { isRefused, type Refused, SettingsRepository } from './settings.repository.js';

/** A document, as its own JSON text, with its entity tag. */
export interface CurrentSettings {
  readonly ownerId: string;
  readonly version: string;
  readonly entityTag: string;
  /** `null` when the caller has this version. */
  readonly settings: string | null;
}

/** What a change made, with the version that is now the current one. */
export interface ChangedSettings {
  readonly version: string;
  readonly entityTag: string;
  /** How many rules of policies it breaks that are not enforced. */
  readonly warnings: number;
  /** Only of a dry run: the document as it would be, and the difference as a JSON Patch (RFC 6902); both as text. */
  readonly dryRun?: {
    readonly settings: string;
    readonly patch: string;
    /** Whom it would touch, where that was asked for: the text of an object. */
    readonly impact?: string;
  };
}

/**
 * Reads and changes documents on behalf of a user, a service account or an operator. Documents are JSON text
 * throughout.
 */
@Injectable()
export class SettingsService {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly changes: JudgedChangesService,
    private readonly impact: ImpactService,
    private readonly memberships: MembershipService,
    private readonly services: ServiceAccessService,
    private readonly authors: VersionAuthorRepository,
    private readonly feed: ChangeFeed,
    private readonly environment: Environment,
  ) {}

  /**
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws InsufficientScopeError
   * @throws PreconditionFailedError
   */
  async read(
    document: SettingsDocument,
    caller: Caller | OperatorCaller,
    preconditions: Preconditions,
  ): Promise<CurrentSettings> {
    const { owner, result } = await this.onDocument(document, caller, (target) =>
      this.settings.read(SETTINGS_DOCUMENTS[document], target, preconditions),
    );
    return this.seenBy(document, preconditions, owner, result);
  }

  /**
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws InsufficientRoleError
   * @throws InsufficientScopeError when a service account would see the document of a dry run
   * @throws PreconditionFailedError
   * @throws VersionNotFoundError when a version to restore is not kept
   * @throws PatchConflictError
   * @throws InvalidInputError when a patch makes the document too deep, or the result is no policy
   * @throws PolicyViolationError
   * @throws SettingLockedError
   * @throws PayloadTooLargeError
   */
  async change(
    document: SettingsDocument,
    caller: Caller | OperatorCaller,
    change: SettingsChange,
    options: ChangeOptions,
  ): Promise<ChangedSettings> {
    const api = SETTINGS_DOCUMENTS[document];
    if (options.wantsImpact && !options.isDryRun) throw new InvalidInputError('impact needs dryRun=true');
    let warnings = 0;
    const { owner, result } = await this.onDocument(document, caller, async (target) => {
      const made = await this.changes.make(api, target, change, options);
      warnings = made.warnings;
      return made.result;
    });
    const entityTag = 'version' in result ? entityTagOf(owner.id, result.version) : '';
    const limits = sizeLimitsOf(api.content, this.environment);
    switch (result.status) {
      case 'changed':
        this.feed.publish({ document, ownerId: owner.id, version: result.version });
        return { version: result.version, entityTag, warnings };
      case 'unchanged':
        return { version: result.version, entityTag, warnings: 0 };
      case 'dry-run': {
        if (!options.wantsImpact) return { version: result.version, entityTag, warnings, dryRun: result };
        if (owner.type === 'user') throw new InvalidInputError('impact is not for the settings of a user');
        const impact = await this.impact.measure(document, owner, result.settings, options.origin);
        if (impact.status !== 'measured') return this.refuse(document, caller, impact);
        return { version: result.version, entityTag, warnings, dryRun: { ...result, impact: impact.text } };
      }
      case 'precondition-failed':
        throw preconditionFailedError(owner.id, result);
      case 'no-such-version':
      case 'thinned':
        throw new VersionNotFoundError(result.status);
      case 'conflict':
        throw new PatchConflictError(result.detail);
      case 'too-deep':
        throw new InvalidInputError(result.detail ?? `nested deeper than ${limits.depth} levels`);
      case 'too-large':
        throw new PayloadTooLargeError(
          result.detail ?? `the ${api.content} would take ${result.bytes} bytes, more than the ${limits.bytes} allowed`,
        );
    }
  }

  /**
   * Executes a statement on the user's own document, on that of their organization or a service account's, or on that
   * of the system. It checks access in the database; what is known here only says which organization to ask for.
   *
   * @throws NotAssociatedError
   * @throws UserNotFoundError
   * @throws InsufficientRoleError
   * @throws InsufficientScopeError
   * @throws NotForAllOrganizationsError
   */
  async onDocument<Result extends { readonly status: string }>(
    document: SettingsDocument,
    caller: Caller | OperatorCaller,
    execute: (owner: SettingsOwner) => Promise<Result | Refused>,
  ): Promise<{ owner: SettingsOwner; result: Exclude<Result, Refused> }> {
    const { owner, result } = await this.executeForOwner(document, caller, execute);
    return isRefused(result)
      ? this.refuse(document, caller, result)
      : { owner, result: result as Exclude<Result, Refused> };
  }

  private async refuse(
    document: SettingsDocument,
    caller: Caller | OperatorCaller,
    { status }: Refused,
  ): Promise<never> {
    if (status === 'no-such-user') throw new UserNotFoundError();
    const { refusal } = SETTINGS_DOCUMENTS[document].writers.access;
    if (caller.kind === 'service') return this.services.refuse(caller, refusal);
    if (caller.kind === 'user') this.memberships.forget(caller.userId);
    if (status === 'not-a-member') throw new NotAssociatedError();
    throw refusal?.('role') ?? new InsufficientRoleError('organization settings');
  }

  /**
   * A document as its reader sees it.
   *
   * @throws PreconditionFailedError
   */
  async seenBy(
    document: SettingsDocument,
    preconditions: Preconditions,
    owner: SettingsOwner,
    { version, settings }: { version: string; settings: string | null },
  ): Promise<CurrentSettings> {
    const outcome = preconditions.allowRead(owner.id, version);
    if (outcome === 'failed') {
      const made = await this.authors.find(SETTINGS_DOCUMENTS[document].context, owner.id, version, owner.since);
      throw new PreconditionFailedError(entityTagOf(owner.id, version), made);
    }
    const shown = outcome === 'not-modified' ? null : settings;
    return { ownerId: owner.id, version, entityTag: entityTagOf(owner.id, version), settings: shown };
  }

  /**
   * Executes for the remembered organization first. Where the caller is no member of it, nothing was read or written
   * (`not-a-member`), and it executes again for the organization that the database names.
   */
  private async executeForOwner<Result extends { readonly status: string }>(
    document: SettingsDocument,
    caller: Caller | OperatorCaller,
    execute: (owner: SettingsOwner) => Promise<Result>,
  ): Promise<{ owner: SettingsOwner; result: Result }> {
    const { since } = caller;
    if (caller.kind === 'operator') {
      const owner = ownerOf(SYSTEM_ID, 'operator', caller.name, since);
      return { owner, result: await execute(owner) };
    }
    if (caller.kind === 'service') {
      const owner = ownerOf(caller.organizationId, 'service', caller.serviceId, since);
      return { owner, result: await execute(owner) };
    }
    const { userId } = caller;
    if (SETTINGS_DOCUMENTS[document].owner === 'user') {
      const owner: SettingsOwner = { type: 'user', id: userId, since };
      return { owner, result: await execute(owner) };
    }
    if (caller.organizationId !== undefined) {
      const owner = ownerOf(caller.organizationId, 'member', userId, since);
      const result = await execute(owner);
      if (result.status !== 'not-a-member') return { owner, result };
    }
    const { organizationId } = await this.memberships.find(userId, since);
    const owner = ownerOf(organizationId, 'member', userId, since);
    return { owner, result: await execute(owner) };
  }
}

function ownerOf(
  id: string,
  callerType: OrganizationOwner['callerType'],
  callerId: string | null,
  since: number,
): SettingsOwner {
  return { type: 'organization', id, callerType, callerId, since };
}
