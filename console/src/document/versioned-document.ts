import type { Impact, PolicyResource, SettingsResource } from '@flashback/client/lossless';
import { changesBetween, patchOf } from '../json/difference.js';
import type { JsonObject } from '../json/value.js';
import { client, insistOnMembership, membershipOf, user } from '../session/session.js';

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
  /**
   * Whom a change would touch, where that may be others than who makes it.
   *
   * @throws FlashbackError, as the service would refuse the change, or where it cannot tell
   */
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
  const membership = membershipOf(user.value);
  if (id === 'policy') return new PolicyDocument(membership);
  if (id === 'profile') return new ProfileDocument(user.value?.orgId ?? '');
  return new SettingsOf(id, membership);
}

class SettingsOf implements VersionedDocument {
  constructor(
    readonly id: 'organization' | 'user',
    private readonly membership: string | undefined,
  ) {}

  private get settings(): SettingsResource {
    return client.settings[this.id];
  }

  get isWritable(): boolean {
    return this.id === 'user' || isAdministrator();
  }

  async read(at?: Date): Promise<Snapshot> {
    const { settings, version } = await this.settings.get<JsonObject>(at && { at });
    return { value: settings, version };
  }

  async change(from: JsonObject, to: JsonObject, note: ChangeNote): Promise<unknown> {
    await insistOnMembership(this.membership);
    return this.settings.patch(patchOf(from, to), note);
  }

  list(before?: number): Promise<VersionPage> {
    return this.settings.versions.list({ limit: PAGE, ...(before !== undefined && { before }) });
  }

  async version(version: number): Promise<JsonObject> {
    return version === 0 ? {} : (await this.settings.versions.get<JsonObject>(version)).settings;
  }

  async restore(version: number, note: ChangeNote): Promise<unknown> {
    await insistOnMembership(this.membership);
    return this.settings.versions.restore(version, note);
  }

  async impact(from: JsonObject, to: JsonObject): Promise<Impact | undefined> {
    if (this.id === 'user') return undefined;
    return (await this.settings.patch(patchOf(from, to), { dryRun: true, impact: true })).impact;
  }
}

/** What the organization lets its users set. */
class PolicyDocument implements VersionedDocument {
  readonly id = 'policy';

  constructor(private readonly membership: string | undefined) {}

  private get settings(): PolicyResource {
    return client.settings.organization.policy;
  }

  get isWritable(): boolean {
    return isAdministrator();
  }

  async read(at?: Date): Promise<Snapshot> {
    const { policy, version } = await this.settings.get(at && { at });
    return { value: policy as JsonObject, version };
  }

  async change(from: JsonObject, to: JsonObject, note: ChangeNote): Promise<unknown> {
    await insistOnMembership(this.membership);
    return this.settings.patch(patchOf(from, to), note);
  }

  list(before?: number): Promise<VersionPage> {
    return this.settings.versions.list({ limit: PAGE, ...(before !== undefined && { before }) });
  }

  async version(version: number): Promise<JsonObject> {
    return version === 0 ? {} : ((await this.settings.versions.get(version)).policy as JsonObject);
  }

  async restore(version: number, note: ChangeNote): Promise<unknown> {
    await insistOnMembership(this.membership);
    return this.settings.versions.restore(version, note);
  }

  async impact(from: JsonObject, to: JsonObject): Promise<Impact | undefined> {
    return (await this.settings.patch(patchOf(from, to), { dryRun: true, impact: true })).impact;
  }
}

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
