import type { Impact, SettingsResource } from '@flashback/client/lossless';
import { changesBetween, patchOf, patchRequestOf } from '../json/difference.js';
import type { JsonObject } from '../json/value.js';
import { impactOf } from '../layers/impact.js';
import { client, insistOnOrganization, user } from '../session/session.js';

export interface Snapshot {
  readonly value: JsonObject;
  readonly version: number;
}

/** Who made a version, when, what it touched, and why. */
export interface VersionInfo {
  readonly version: number;
  readonly at: string;
  readonly operation: string;
  readonly actor: { readonly id: string | null; readonly email: string | null };
  readonly paths: readonly string[];
  readonly reason: string | null;
  readonly thinned?: boolean;
}

export interface VersionPage {
  readonly versions: readonly VersionInfo[];
  readonly next: number | null;
}

export interface ChangeNote {
  /** Makes the change only in this version. */
  readonly ifVersion: number;
  readonly reason?: string;
}

/** A document with a history, whatever it is about: the pages know no more of it. */
export interface VersionedDocument {
  readonly id: DocumentId;
  /** Whether the one who is signed in may change it. */
  readonly isWritable: boolean;
  read(at?: Date): Promise<Snapshot>;
  change(from: JsonObject, to: JsonObject, note: ChangeNote): Promise<unknown>;
  list(before?: number): Promise<VersionPage>;
  /** Version 0 is the empty document. */
  version(version: number): Promise<JsonObject>;
  restore(version: number, note: ChangeNote): Promise<unknown>;
  /** Whom a change would touch, where the service tells. */
  impact(from: JsonObject, to: JsonObject): Promise<Impact | undefined>;
}

export type DocumentId = 'organization' | 'user' | 'profile' | 'policy';

/** How many versions are asked for at a time. */
const PAGE = 50;

const ADMINISTRATOR = 254;

export function isAdministrator(): boolean {
  return (user.value?.orgRole ?? 0) >= ADMINISTRATOR;
}

/** @throws Error for a profile where the caller has no organization, which then has no page either */
export function documentOf(id: DocumentId): VersionedDocument {
  const orgId = user.value?.orgId ?? null;
  if (id === 'policy') return new PolicyDocument(orgId);
  if (id === 'profile') return new ProfileDocument(orgId ?? '');
  return new SettingsOf(id, client.settings[id], orgId);
}

class SettingsOf implements VersionedDocument {
  constructor(
    readonly id: DocumentId,
    private readonly settings: SettingsResource,
    private readonly orgId: string | null,
  ) {}

  get isWritable(): boolean {
    return this.id === 'user' || isAdministrator();
  }

  async read(at?: Date): Promise<Snapshot> {
    const { settings, version } = await this.settings.get<JsonObject>(at && { at });
    return { value: settings, version };
  }

  async change(from: JsonObject, to: JsonObject, note: ChangeNote): Promise<unknown> {
    await insistOnOrganization(this.orgId);
    return this.settings.patch(patchOf(from, to), note);
  }

  list(before?: number): Promise<VersionPage> {
    return this.settings.versions.list({ limit: PAGE, ...(before !== undefined && { before }) });
  }

  async version(version: number): Promise<JsonObject> {
    return version === 0 ? {} : (await this.settings.versions.get<JsonObject>(version)).settings;
  }

  async restore(version: number, note: ChangeNote): Promise<unknown> {
    await insistOnOrganization(this.orgId);
    return this.settings.versions.restore(version, note);
  }

  async impact(from: JsonObject, to: JsonObject): Promise<Impact | undefined> {
    return this.id === 'organization' ? impactOf('settings/organization', from, to) : undefined;
  }
}

const POLICY = 'settings/organization/policy';

/** What the organization lets its users set. */
class PolicyDocument implements VersionedDocument {
  readonly id = 'policy';

  constructor(private readonly orgId: string | null) {}

  get isWritable(): boolean {
    return isAdministrator();
  }

  async read(at?: Date): Promise<Snapshot> {
    const path = at === undefined ? POLICY : `${POLICY}?at=${at.toISOString()}`;
    const { policy, version } = await client.makeRequest<PolicyReply>(path, 'GET', undefined, { withVersion: true });
    return { value: policy, version };
  }

  async change(from: JsonObject, to: JsonObject, note: ChangeNote): Promise<unknown> {
    await insistOnOrganization(this.orgId);
    const { patch, mediaType } = patchRequestOf(from, to);
    const options = { ...note, mediaType, withVersion: true, versionsPath: `${POLICY}/versions` };
    return client.makeRequest(POLICY, 'PATCH', patch, options);
  }

  list(before?: number): Promise<VersionPage> {
    const query = before === undefined ? '' : `&before=${before}`;
    return client.makeRequest(`${POLICY}/versions?limit=${PAGE}${query}`, 'GET');
  }

  async version(version: number): Promise<JsonObject> {
    if (version === 0) return {};
    return (await client.makeRequest<PolicyReply>(`${POLICY}/versions/${version}`, 'GET')).policy;
  }

  async restore(version: number, note: ChangeNote): Promise<unknown> {
    await insistOnOrganization(this.orgId);
    return client.makeRequest(`${POLICY}/versions/${version}/restore`, 'POST', undefined, note);
  }

  impact(from: JsonObject, to: JsonObject): Promise<Impact | undefined> {
    return impactOf(POLICY, from, to);
  }
}

interface PolicyReply {
  readonly policy: JsonObject;
  readonly version: number;
}

/** The fields of the profile that may be changed. */
export const PROFILE_FIELDS = [
  'name',
  'address1',
  'address2',
  'zipcode',
  'city',
  'state',
  'country',
  'phone',
  'is_business',
  'mfaEnforced',
] as const;

class ProfileDocument implements VersionedDocument {
  readonly id = 'profile';

  constructor(private readonly orgId: string) {}

  get isWritable(): boolean {
    return isAdministrator();
  }

  async read(at?: Date): Promise<Snapshot> {
    const { data, version } = await client.organization.get(this.orgId, at && { at });
    return { value: data, version };
  }

  change(from: JsonObject, to: JsonObject, note: ChangeNote): Promise<unknown> {
    const changed = changesBetween(from, to).map(({ path, after }) => [path[0], after ?? null]);
    return client.organization.update(this.orgId, Object.fromEntries(changed) as object, note);
  }

  list(before?: number): Promise<VersionPage> {
    return client.organization.versions
      .list(this.orgId, { limit: PAGE, ...(before !== undefined && { before }) })
      .then(({ data }) => data);
  }

  async version(version: number): Promise<JsonObject> {
    return version === 0 ? {} : (await client.organization.versions.get(this.orgId, version)).data.profile;
  }

  restore(version: number, note: ChangeNote): Promise<unknown> {
    return client.organization.versions.restore(this.orgId, version, note);
  }

  async impact(): Promise<undefined> {}
}
