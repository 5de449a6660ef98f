import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Statement } from '../database/shared-statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { VersionOperation } from './settings-change.js';
import { type Asker, type Owner, OWNERS, type Scope } from './settings-owner.js';
import { readerOf, statementName } from './settings.repository.js';

/** What is kept of a version beside its document. */
export interface SettingsVersion {
  readonly version: string;
  readonly at: Date;
  readonly operation: VersionOperation;
  readonly actorId: string | null;
  /** JSON Pointers (RFC 6901) to what the change touched: the first 100, of each the first 300 characters. */
  readonly paths: string[];
  readonly requestId: string | null;
  readonly reason: string | null;
}

export interface SettingsAtVersion {
  readonly version: string;
  readonly at: Date;
  /** The document's text. */
  readonly settings: string;
}

/** How much of a document's history is kept at least; beyond both, it may go. */
export interface Retention {
  readonly versions: number;
  readonly days: number;
}

/** At most so many documents are looked at, and so many versions of each deleted, by one statement. */
const DOCUMENTS_AT_ONCE = 1000;
const VERSIONS_AT_ONCE = 1000;

/** How much is shown of what a version changed. */
const MAX_PATHS = 100;
const MAX_PATH_LENGTH = 300;

/**
 * Reads what the changes of settings documents left behind, and deletes what is too old.
 *
 * In each read, no row at all (`undefined`) says that the user may not read the document, a row without a version (`null`)
 * that this version is not kept.
 */
@Injectable()
export class SettingsVersionRepository {
  constructor(
    private readonly runner: StatementRunner,
    private readonly dataSource: DataSource,
  ) {}

  /** Newest first, those below `before`, at most `limit`. */
  async list(owner: Owner, limit: number, before: string | null): Promise<SettingsVersion[] | undefined> {
    const rows = await this.runner.run<SettingsVersion>(STATEMENTS[owner.asker].list, [before, limit, ...owner.ids]);
    return rows.length === 0 ? undefined : rows.filter(({ version }) => version !== null);
  }

  async find(owner: Owner, version: string): Promise<SettingsAtVersion | null | undefined> {
    return this.one<SettingsAtVersion>(STATEMENTS[owner.asker].find, [version, ...owner.ids], 'settings');
  }

  /** The last version that was made by then, to the millisecond; version 0 where that was before the first. */
  async findAsOf(owner: Owner, at: Date): Promise<Omit<SettingsAtVersion, 'at'> | null | undefined> {
    return this.one<Omit<SettingsAtVersion, 'at'>>(
      STATEMENTS[owner.asker].findAsOf,
      [at.toISOString(), ...owner.ids],
      'settings',
    );
  }

  /** A JSON Patch (RFC 6902) that makes the one version of the other, as text. */
  async diff(owner: Owner, from: string, to: string): Promise<string | null | undefined> {
    const found = await this.one<{ patch: string }>(STATEMENTS[owner.asker].diff, [from, to, ...owner.ids], 'patch');
    return found && found.patch;
  }

  /**
   * Deletes versions that are beyond both limits, as long as no later one needs them. Nothing waits for that: no
   * statement on the way of a request writes to an old version.
   *
   * @returns how many
   */
  async prune(scope: Scope, { versions, days }: Retention): Promise<number> {
    const { table, key } = OWNERS[scope];
    let deleted = 0;
    for (let after: string | undefined; ;) {
      const owners = await this.dataSource.query<{ id: string; version: string }[]>(
        `select ${key} as id, version from ${table} ${after === undefined ? '' : `where ${key} > $2`} order by ${key} limit $1`,
        after === undefined ? [DOCUMENTS_AT_ONCE] : [DOCUMENTS_AT_ONCE, after],
      );
      for (const { id } of owners.filter(({ version }) => Number(version) > versions)) {
        for (let batch = VERSIONS_AT_ONCE; batch === VERSIONS_AT_ONCE; deleted += batch) {
          batch = await this.pruneOwner(scope, id, { versions, days });
        }
      }
      if (owners.length < DOCUMENTS_AT_ONCE) return deleted;
      after = owners.at(-1)!.id;
    }
  }

  private async pruneOwner(scope: Scope, ownerId: string, { versions, days }: Retention): Promise<number> {
    const { table, key, changes, context } = OWNERS[scope];
    // A snapshot needs nothing before it, so the oldest version that stays is one.
    const rows = await this.dataSource.query<{ id: string }[]>(
      `with oldest as (
         select max(c.version) as version from ${changes} c join ${table} s on s.${key} = $1
         where c.${key} = $1 and c.context = ${context} and c.snapshot is not null
           and c.version <= s.version - $2::int + 1 and c.at < now() - make_interval(days => $3)
       ), too_old as (
         select c.version from ${changes} c, oldest o
         where c.${key} = $1 and c.context = ${context} and c.version < o.version
         order by c.version limit ${VERSIONS_AT_ONCE}
       ), deleted as (
         delete from ${changes} c where c.${key} = $1 and c.context = ${context}
           and c.version in (select version from too_old) returning c.id
       ) select id from deleted`,
      [ownerId, versions, days],
    );
    await this.dataSource.query('delete from event_reads where event_id = any($1::bigint[])', [
      rows.map(({ id }) => id),
    ]);
    return rows.length;
  }

  /** The one row, `null` where `member` is missing from it. */
  private async one<Row>(statement: Statement, values: unknown[], member: keyof Row): Promise<Row | null | undefined> {
    const [row] = await this.runner.run<Row>(statement, values);
    return row && (row[member] === null ? null : row);
  }
}

function statementsFor(scope: Scope, asker: Asker) {
  const name = (what: string) => statementName(scope, asker, what);
  const { table, key, changes, settingsAt, context } = OWNERS[scope];
  const ofOwner = (id: string) => `c.${key} = ${id} and c.context = ${context}`;
  return {
    list: {
      name: name('versions'),
      text: `
        select v.* from ${readerOf(asker, '$3', '$4')}
        left join lateral (
          select c.version, c.at, c.operation, c.actor_id as "actorId", c.request_id as "requestId", c.reason,
            array(
              select left(o ->> 'path', ${MAX_PATH_LENGTH}) from jsonb_array_elements(c.patch) with ordinality e (o, place)
              order by place limit ${MAX_PATHS}
            ) as paths
          from ${changes} c
          where ${ofOwner('$3')} and ($1::bigint is null or c.version < $1) order by c.version desc limit $2
        ) v on true`,
    },
    find: {
      name: name('version'),
      text: `
        select v.version, v.at,
          case when s.version = v.version then s.settings else ${settingsAt}($2, v.version) end::text as settings
        from ${readerOf(asker, '$2', '$3')}
        left join ${changes} v on v.${key} = $2 and v.context = ${context} and v.version = $1
        left join ${table} s on s.${key} = $2`,
    },
    // Ids grow with time but for those of one millisecond, so the last of all may be among the 4096 before the last id.
    findAsOf: {
      name: name('as-of'),
      text: `
        select d.version, d.settings::text as settings from ${readerOf(asker, '$2', '$3')}
        left join ${table} s on s.${key} = $2
        left join lateral (
          select 0 as version, '{}'::jsonb as settings where coalesce(s.version, 0) = 0
          union all
          select s.version, s.settings where s.version > 0 and s.updated_at < $1::timestamptz + interval '1 millisecond'
          union all
          select v.version, ${settingsAt}($2, v.version) from (
            select coalesce(max(c.version), 0) as version from ${changes} c
            where ${ofOwner('$2')} and c.id < change_id_from($1::timestamptz) + 4096 and c.id > (
              select c.id - 4096 from ${changes} c
              where ${ofOwner('$2')} and c.id < change_id_from($1::timestamptz) + 4096
              order by c.id desc limit 1)
          ) v where s.updated_at >= $1::timestamptz + interval '1 millisecond'
        ) d on true`,
    },
    // What a version changed is there to read; anything else is made of both documents.
    diff: {
      name: name('diff'),
      text: `
        select coalesce(v.patch, settings_diff(${settingsAt}($3, $1::bigint), ${settingsAt}($3, $2::bigint)))::text as patch
        from ${readerOf(asker, '$3', '$4')}
        left join ${changes} v on v.${key} = $3 and v.context = ${context} and v.version = $2::bigint and v.version = $1::bigint + 1
          and v.operation <> 'baseline'`,
    },
  } satisfies Record<string, Statement>;
}

const STATEMENTS = {
  member: statementsFor('organization', 'member'),
  service: statementsFor('organization', 'service'),
  user: statementsFor('user', 'user'),
};
