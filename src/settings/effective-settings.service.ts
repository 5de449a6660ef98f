import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError, PreconditionFailedError } from '../common/errors/common.errors.js';
import { escapeStep } from '../common/json/json-text.js';
import { readMembers, writeTree } from '../common/json/json-tree.js';
import type { DocumentVersion } from '../history/change-feed.js';
import { VersionNotFoundError } from '../history/version.errors.js';
import { effectiveSettings, type LayeredSettings, type Leaf, overriddenAt } from '../layers/fold.js';
import type { Layer, Policy, PolicyLayer } from '../layers/policy.js';
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
  type LayerDocument,
  type LayerDocuments,
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

/** How long the reasons may be, in UTF-16 code units: each repeats the names of all members above its leaf. */
const MAX_REASONS_LENGTH = 8 * 1024 * 1024;

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
    return { ...read, ...this.fold(owner, layers, request.isExplained) };
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
    if (caller.kind === 'service') {
      const { organizationId, serviceId: callerId } = caller;
      const { owner, found } = await findFor({ organizationId, userId, callerType: 'service', callerId });
      if (found.status === 'not-a-member' || found.status === 'forbidden') return this.services.refuse(caller);
      return { owner, layers: layersOf(found) };
    }
    const { userId: callerId } = caller;
    const ofMember = (organizationId: string): EffectiveOwner => ({
      organizationId,
      userId: isOfOrganization ? undefined : callerId,
      callerType: 'member',
      callerId,
    });
    const remembered = caller.organizationId === undefined ? undefined : await findFor(ofMember(caller.organizationId));
    if (remembered !== undefined && remembered.found.status !== 'not-a-member') {
      return { owner: remembered.owner, layers: layersOf(remembered.found) };
    }
    const { organizationId } = await this.memberships.find(callerId);
    const { owner, found } = await findFor(ofMember(organizationId));
    return { owner, layers: layersOf(found) };
  }

  private fold(
    { organizationId, callerType, userId }: EffectiveOwner,
    layers: LayerDocuments,
    isExplained: boolean,
  ): { settings: string; reasons?: string } {
    const policies = {
      system: this.policyOf('system', SYSTEM_ID, layers.policies.system),
      organization: this.policyOf('organization', organizationId, layers.policies.organization),
    };
    const texts = Object.entries(layers.settings).filter(([, { text }]) => text !== '{}');
    if (!isExplained && policies.system === undefined && policies.organization === undefined && texts.length < 2) {
      return { settings: texts[0]?.[1].text ?? '{}' };
    }
    const documents = Object.fromEntries(
      Object.entries(layers.settings).map(([layer, { text }]) => [layer, readMembers(text!)]),
    );
    const layered: LayeredSettings = { documents, policies };
    if (!isExplained) return { settings: writeTree(effectiveSettings(layered)) };
    const isShown = {
      user: userId !== undefined,
      organization: true,
      system: callerType === 'service' && layers.isSystemShown,
    };
    const reasons = new Reasons(layered, layers, isShown);
    const settings = writeTree(effectiveSettings(layered, (leaf) => reasons.add(leaf)));
    return { settings, reasons: reasons.text };
  }

  private policyOf(by: PolicyLayer, ownerId: string, { text }: LayerDocument): Policy | undefined {
    return text === null || text === '{}' ? undefined : this.judge.read({ by, ownerId, text });
  }
}

/** Writes why each leaf is what it is. */
class Reasons {
  private members = '';

  /** @param isShown of which layers the caller may see values that do not apply */
  constructor(
    private readonly layered: LayeredSettings,
    private readonly layers: LayerDocuments,
    private readonly isShown: Readonly<Record<Layer, boolean>>,
  ) {}

  get text(): string {
    return `{${this.members}}`;
  }

  /** @throws InvalidInputError */
  add(leaf: Leaf): void {
    const { steps, source, lock } = leaf;
    // The settings as a whole are no leaf.
    if (steps.length === 0) return;
    const pointer = steps.map((step) => `/${escapeStep(step)}`).join('');
    const { from, version, at } = this.originOf(source);
    const overridden = overriddenAt(leaf, this.layered);
    const shown = overridden.filter(({ layer }) => this.isShown[layer]);
    const values = shown.map(({ layer, value }) => `"${layer}":${writeTree(value)}`).join(',');
    const reason = [
      `"from":"${from}"`,
      ...(from === 'default' ? [`"policy":"${source === 'system-default' ? 'system' : 'organization'}"`] : []),
      `"version":${version}`,
      `"at":${JSON.stringify(at)}`,
      ...(lock === undefined ? [] : [`"locked":${JSON.stringify({ by: lock.by, reason: lock.reason })}`]),
      ...(overridden.length === 0 ? [] : [`"overridden":${JSON.stringify(overridden.map(({ layer }) => layer))}`]),
      ...(values === '' ? [] : [`"values":{${values}}`]),
    ].join(',');
    this.members += `${this.members === '' ? '' : ','}${JSON.stringify(pointer)}:{${reason}}`;
    if (this.members.length > MAX_REASONS_LENGTH) {
      throw new InvalidInputError('the reasons would be too long: ask without explain');
    }
  }

  private originOf(source: Leaf['source']): { from: Layer | 'default'; version: string; at: string | null } {
    const { settings, policies } = this.layers;
    if (source === 'organization-default' || source === 'system-default') {
      const { version, at } = policies[source === 'system-default' ? 'system' : 'organization'];
      return { from: 'default', version, at };
    }
    const { version, at } = settings[source]!;
    return { from: source, version, at };
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
