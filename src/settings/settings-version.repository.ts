import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type CallOf, type Statement, statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { VersionOperation } from '../history/operation.js';
import type { VersionMissing } from '../history/version.errors.js';
import type { KeptVersion } from '../history/version.js';
import type { SettingsApi } from './settings-api.js';
import { readRightOf, type Refused } from './settings.repository.js';
import type { OrganizationOwner, SettingsOwner, UserOwner } from './settings-owner.js';

export type SettingsVersion = KeptVersion<VersionOperation>;

export interface SettingsAtVersion {
  readonly version: string;
  readonly at: string;
  /** The document's text. */
  readonly settings: string;
}

/** What was looked for, or that it is not kept, or why it may not be shown. */
export type Found<Result> = ({ readonly status: 'found' } & Result) | VersionMissing | Refused;

/** How much of a document's history is always kept; versions beyond both limits may be deleted. */
export interface Retention {
  readonly versions: number;
  readonly days: number;
}

/** At most so many documents are looked at by one statement. */
const DOCUMENTS_AT_ONCE = 1000;

/** As many versions of one document as a call of a pruning function deletes. */
const VERSIONS_AT_ONCE = 1000;

/** Reads the versions of documents, and deletes those that are too old. */
@Injectable()
export class SettingsVersionRepository {
  constructor(
    private readonly runner: StatementRunner,
    private readonly dataSource: DataSource,
  ) {}

  /** Newest first, those below `before`, at most `limit`. */
  async list(
    api: SettingsApi,
    owner: SettingsOwner,
    limit: number,
    before: string | null,
  ): Promise<{ readonly status: 'found'; readonly versions: SettingsVersion[] } | Refused> {
    const rows =
      owner.type === 'user'
        ? await this.runner.executeHeavy<typeof USER.list, VersionRow>(USER.list, { ...userOf(owner), before, limit })
        : await this.runner.executeHeavy<typeof ORGANIZATION.list, VersionRow>(ORGANIZATION.list, {
            ...documentOf(api, owner),
            before,
            limit,
          });
    const [first] = rows;
    if (first !== undefined && first.status !== 'found') return first;
    return { status: 'found', versions: rows as SettingsVersion[] };
  }

  find(api: SettingsApi, owner: SettingsOwner, version: string): Promise<Found<SettingsAtVersion>> {
    return owner.type === 'user'
      ? this.first(USER.find, { ...userOf(owner), version })
      : this.first(ORGANIZATION.find, { ...documentOf(api, owner), version });
  }

  /** The last version that was made by then, to the millisecond; version 0 where that was before the first. */
  findAsOf(api: SettingsApi, owner: SettingsOwner, at: Date): Promise<Found<Omit<SettingsAtVersion, 'at'>>> {
    return owner.type === 'user'
      ? this.first(USER.findAsOf, { ...userOf(owner), at: at.toISOString() })
      : this.first(ORGANIZATION.findAsOf, { ...documentOf(api, owner), at: at.toISOString() });
  }

  /** A JSON Patch (RFC 6902) that turns one version into the other, as text. */
  diff(api: SettingsApi, owner: SettingsOwner, from: string, to: string): Promise<Found<{ readonly patch: string }>> {
    return owner.type === 'user'
      ? this.first(USER.diff, { ...userOf(owner), from, to })
      : this.first(ORGANIZATION.diff, { ...documentOf(api, owner), from, to });
  }

  /**
   * Deletes versions that are beyond both limits, as long as no later one needs them, and questions of impact that are
   * too old. Nothing waits for that: no statement on the way of a request writes to them.
   *
   * @returns how many
   */
  async prune(what: keyof typeof PRUNING, retention: Retention): Promise<number> {
    const { owners, prune, limits } = PRUNING[what];
    const kept = limits(retention);
    let deleted = 0;
    for (let after: string | null = null; ;) {
      const ids: { id: string }[] = await this.dataSource.query(owners, [after, kept[0], DOCUMENTS_AT_ONCE]);
      for (const { id } of ids) {
        for (let batch = VERSIONS_AT_ONCE; batch >= VERSIONS_AT_ONCE; deleted += batch) {
          const [row] = await this.dataSource.query<{ pruned: number }[]>(prune, [id, ...kept]);
          batch = row!.pruned;
        }
      }
      if (ids.length < DOCUMENTS_AT_ONCE) return deleted;
      after = ids.at(-1)!.id;
    }
  }

  private async first<S extends Statement, Row>(statement: S, call: CallOf<S>): Promise<Row> {
    return (await this.runner.executeHeavy<S, Row>(statement, call))[0]!;
  }
}

type VersionRow = (SettingsVersion & { readonly status: 'found' }) | Refused;

function userOf({ id: userId, since }: UserOwner) {
  return { userId, since };
}

function documentOf(api: SettingsApi, { id: organizationId, callerType, callerId, since }: OrganizationOwner) {
  return { organizationId, callerType, callerId, since, context: api.context, right: readRightOf(api) };
}

const ORGANIZATION = {
  list: statement({
    name: 'organization-document-versions',
    parameters: ['organizationId', 'callerType', 'callerId', 'context', 'right', 'before', 'limit'],
    text: `
      select v.status, v.version, v.at, v.operation, v.actor_id as "actorId", v.request_id as "requestId", v.reason,
        v.paths, v.thinned
      from organization_versions_2($1::uuid, $2::text, $3::varchar, $4::integer, $5::text, $6::bigint, $7::integer) v`,
  }),
  find: statement({
    name: 'organization-document-version',
    parameters: ['organizationId', 'callerType', 'callerId', 'context', 'right', 'version'],
    text: `
      select v.status, v.version, v.at, v.document as settings
      from organization_version($1::uuid, $2::text, $3::varchar, $4::integer, $5::text, $6::bigint) v`,
  }),
  findAsOf: statement({
    name: 'organization-document-as-of',
    parameters: ['organizationId', 'callerType', 'callerId', 'context', 'right', 'at'],
    text: `
      select v.status, v.version, v.document as settings
      from organization_version_as_of($1::uuid, $2::text, $3::varchar, $4::integer, $5::text, $6::timestamptz) v`,
  }),
  diff: statement({
    name: 'organization-document-diff',
    parameters: ['organizationId', 'callerType', 'callerId', 'context', 'right', 'from', 'to'],
    text: `
      select v.status, v.patch
      from organization_version_diff($1::uuid, $2::text, $3::varchar, $4::integer, $5::text, $6::bigint, $7::bigint) v`,
  }),
};

const USER = {
  list: statement({
    name: 'user-settings-versions',
    parameters: ['userId', 'before', 'limit'],
    text: `
      select v.status, v.version, v.at, v.operation, v.actor_id as "actorId", v.request_id as "requestId", v.reason,
        v.paths, v.thinned
      from user_versions_2($1::varchar, 7, $2::bigint, $3::integer) v`,
  }),
  find: statement({
    name: 'user-settings-version',
    parameters: ['userId', 'version'],
    text: `
      select v.status, v.version, v.at, v.document as settings from user_version($1::varchar, 7, $2::bigint) v`,
  }),
  findAsOf: statement({
    name: 'user-settings-as-of',
    parameters: ['userId', 'at'],
    text: `
      select v.status, v.version, v.document as settings from user_version_as_of($1::varchar, 7, $2::timestamptz) v`,
  }),
  diff: statement({
    name: 'user-settings-diff',
    parameters: ['userId', 'from', 'to'],
    text: `
      select v.status, v.patch from user_version_diff($1::varchar, 7, $2::bigint, $3::bigint) v`,
  }),
};

/**
 * Who has something to prune, by the first of the limits, and the function that prunes what is one owner's, by all of
 * them.
 */
const PRUNING = {
  organization: {
    owners: `
      select s.organization_id as id from organization_settings s
      where ($1::uuid is null or s.organization_id > $1::uuid) and s.version > $2::integer
      union
      select d.organization_id from organization_documents d
      where ($1::uuid is null or d.organization_id > $1::uuid) and d.version > $2::integer
      union
      select system_id() from system_documents d
      where $1::uuid is null and d.version > $2::integer
      order by id limit $3::integer`,
    prune: 'select prune_organization_versions($1::uuid, $2::integer, $3::integer) as pruned',
    limits: ({ versions, days }) => [versions, days],
  },
  user: {
    owners: `
      select s.user_id as id from user_settings s
      where ($1::varchar is null or s.user_id > $1::varchar) and s.version > $2::integer
      order by s.user_id limit $3::integer`,
    prune: 'select prune_user_versions($1::varchar, $2::integer, $3::integer) as pruned',
    limits: ({ versions, days }) => [versions, days],
  },
  impact: {
    owners: `
      select distinct c.organization_id as id from organization_changes c
      where ($1::uuid is null or c.organization_id > $1::uuid) and c.context = 104
        and c.at < now() - make_interval(days => $2::integer)
      order by 1 limit $3::integer`,
    prune: 'select prune_impacts($1::uuid, $2::integer) as pruned',
    limits: ({ days }) => [days],
  },
} as const satisfies Record<
  string,
  { owners: string; prune: string; limits: (retention: Retention) => readonly number[] }
>;
