import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { PreconditionFailedError } from '../common/errors/common.errors.js';
import type { DocumentVersion } from '../history/change-feed.js';
import { VersionNotFoundError } from '../history/version.errors.js';
import type { FoldedSettings, LayerDocument, LayerDocuments } from '../layers/folded-settings.js';
import { PolicyJudge } from '../layers/policy-judge.js';
import type { Caller } from '../organization/caller.js';
import { MembershipService } from '../organization/membership.service.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { NotAssociatedError } from '../organization/organization.errors.js';
import { ServiceAccessService } from '../organization/service-access.service.js';
import { UserNotFoundError } from '../user/user.errors.js';
import {
  type EffectiveOwner,
  EffectiveSettingsRepository,
  type FoundLayers,
  versionOf,
} from './effective-settings.repository.js';

/** Which settings, and how much about them. */
export interface EffectiveRequest {
  /** Whether the user's own settings have no part. */
  readonly isOfOrganization: boolean;
  /** The member whom a service account asks about. */
  readonly userId?: string | undefined;
  readonly isExplained: boolean;
  readonly at?: Date | undefined;
}

export interface EffectiveSettings {
  readonly organizationId: string;
  readonly entityTag: string;
  /** What they follow from. */
  readonly documents: readonly DocumentVersion[];
  /** The settings' text; `null` when the caller has them. */
  readonly settings: string | null;
  /** Why they are so, by JSON Pointer (RFC 6901), where that was asked for: the text of an object. */
  readonly reasons?: string;
}

/** Tells which settings apply, and why. */
@Injectable()
export class EffectiveSettingsService {
  constructor(
    private readonly layers: EffectiveSettingsRepository,
    private readonly judge: PolicyJudge,
    private readonly memberships: MembershipService,
    private readonly services: ServiceAccessService,
  ) {}

  /**
   * @throws NotAssociatedError
   * @throws UserNotFoundError when a service account asks about somebody who is no member
   * @throws InsufficientScopeError
   * @throws VersionNotFoundError when a document as it was then is not kept
   * @throws PreconditionFailedError
   * @throws InvalidInputError when the reasons would be too long
   * @throws UnavailableError
   * @throws TimeExceededError
   */
  async read(caller: Caller, request: EffectiveRequest, preconditions: Preconditions): Promise<EffectiveSettings> {
    const { owner, layers } = await this.find(caller, request, preconditions);
    const { organizationId, userId } = owner;
    const tagOwner = tagOwnerOf(owner);
    const version = versionOf(layers);
    const entityTag = entityTagOf(tagOwner, version);
    const { settings, policies } = layers;
    const read = {
      organizationId,
      entityTag,
      documents: [
        ...(userId === undefined ? [] : [versionIn('user-settings', userId, settings.user)]),
        versionIn('organization-settings', organizationId, settings.organization),
        versionIn('organization-policy', organizationId, policies.organization),
        versionIn('system-settings', SYSTEM_ID, settings.system),
        versionIn('system-policy', SYSTEM_ID, policies.system),
      ],
    };
    const outcome = preconditions.allowRead(tagOwner, version);
    if (outcome === 'failed') throw new PreconditionFailedError(entityTag);
    if (outcome === 'not-modified') return { ...read, settings: null };
    return { ...read, ...(await this.fold(owner, layers, request.isExplained)) };
  }

  private async find(
    caller: Caller,
    { isOfOrganization, userId, at }: EffectiveRequest,
    preconditions: Preconditions,
  ): Promise<{ owner: EffectiveOwner; layers: LayerDocuments }> {
    const findFor = async (owner: EffectiveOwner) => {
      const known = preconditions.onlyVersionsNotToMatch(tagOwnerOf(owner));
      return {
        owner,
        found: at === undefined ? await this.layers.read(owner, known) : await this.layers.readAsOf(owner, at),
      };
    };
    const { since } = caller;
    if (caller.kind === 'service') {
      const { organizationId, serviceId: callerId } = caller;
      const { owner, found } = await findFor({ organizationId, userId, callerType: 'service', callerId, since });
      if (found.status === 'not-a-member' || found.status === 'forbidden') return this.services.refuse(caller);
      return { owner, layers: layersOf(found) };
    }
    const { userId: callerId } = caller;
    const ofMember = (organizationId: string): EffectiveOwner => ({
      organizationId,
      userId: isOfOrganization ? undefined : callerId,
      callerType: 'member',
      callerId,
      since,
    });
    const remembered = caller.organizationId === undefined ? undefined : await findFor(ofMember(caller.organizationId));
    if (remembered !== undefined && remembered.found.status !== 'not-a-member') {
      return { owner: remembered.owner, layers: layersOf(remembered.found) };
    }
    const { organizationId } = await this.memberships.find(callerId, since);
    const { owner, found } = await findFor(ofMember(organizationId));
    return { owner, layers: layersOf(found) };
  }

  private fold(
    { organizationId, callerType, callerId, userId, since }: EffectiveOwner,
    layers: LayerDocuments,
    isExplained: boolean,
  ): Promise<FoldedSettings> {
    const isShown = isExplained && {
      user: userId !== undefined,
      organization: true,
      system: callerType === 'service' && layers.isSystemShown,
    };
    return this.judge.fold({ layers, isShown }, { ownerId: organizationId, callerId, since });
  }
}

function layersOf(found: FoundLayers | { status: 'no-such-version' | 'thinned' }): LayerDocuments {
  switch (found.status) {
    case 'found':
      return found.layers;
    case 'no-such-user':
      throw new UserNotFoundError();
    case 'not-a-member':
    case 'forbidden':
      throw new NotAssociatedError();
    case 'no-such-version':
    case 'thinned':
      throw new VersionNotFoundError(found.status);
  }
}

/** Whose the entity tag is: no two of them are the same document. */
function tagOwnerOf({ organizationId, userId = '' }: EffectiveOwner): string {
  return `${organizationId} ${userId}`;
}

function versionIn(
  document: DocumentVersion['document'],
  ownerId: string,
  { version }: LayerDocument = { version: '0', at: null, text: null },
): DocumentVersion {
  return { document, ownerId, version };
}
