import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { WRITING_ROLES } from '../auth/role.js';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError, PayloadTooLargeError } from '../common/errors/common.errors.js';
import { leafPointers } from '../common/json/json-text.js';
import type { Answer, QuestionStatement, SharedStatement } from '../database/shared-statement.js';
import { type Statement, StatementRunner } from '../database/statement-runner.js';
import type { ChangeOptions, SettingsChange } from './settings-change.js';
import { PatchConflictError } from './settings.errors.js';
import { type Asker, type Owner, OWNERS, type Scope } from './settings-owner.js';
import { UserSettings } from './user-settings.entity.js';

/** A document, and which version of it. */
export interface SettingsRead {
  readonly version: string;
  /** The document's text; `null` when it is in one of the versions that the caller has. */
  readonly settings: string | null;
}

/** What became of a change. */
export interface SettingsWritten {
  /** Whether the caller may write; nothing was changed if not. */
  readonly mayWrite: boolean;
  /** The version before the change; `null` when the caller may not write. */
  readonly before: string | null;
  /** Whether that version is one that the preconditions allow. */
  readonly isExpected: boolean;
  /** How long the document would be, in bytes; `null` when a version to restore is not kept. */
  readonly bytes: number | null;
  readonly isTooDeep: boolean;
  /** The version after the change: the same, when nothing changed. */
  readonly version: string;
  /** Of a dry run the document as it would be, and the difference as a JSON Patch. */
  readonly settings: string | null;
  readonly patch: string | null;
}

type SettingsAnswer = SettingsRead & Answer;

export interface Limits {
  /** A document that would be longer is not stored, in bytes of its text. */
  readonly bytes: number;
  /** How deep a document may nest, itself being level 1. */
  readonly depth: number;
}

/**
 * Keeps the settings documents of organizations and users.
 *
 * 1. A read and a change are one statement each, which also checks the caller's membership and role, or scopes. A change locks the
 *    document's row, checks the version, computes the new document from the latest one, and writes it and the change
 *    itself only if it differs and fits; so no two callers lose each other's change, whichever instances they talk to.
 * 2. Documents travel as text, so every digit survives.
 */
@Injectable()
export class SettingsRepository {
  private readonly reads: Record<Asker, SharedStatement<SettingsAnswer>>;

  constructor(
    @InjectRepository(UserSettings) private readonly userSettings: Repository<UserSettings>,
    private readonly runner: StatementRunner,
  ) {
    this.reads = {
      member: runner.share(STATEMENTS.member.read),
      service: runner.share(STATEMENTS.service.read),
      user: runner.share(STATEMENTS.user.read),
    };
  }

  /** The same, inside a transaction. */
  within(manager: EntityManager): SettingsRepository {
    return new SettingsRepository(manager.getRepository(UserSettings), this.runner);
  }

  /** Deletes a user's document; its changes are not touched. */
  async eraseUser(userId: string): Promise<void> {
    await this.userSettings.delete({ userId });
  }

  /**
   * @param preconditions say of which version the document is not wanted
   * @returns `undefined` when the caller is no member of the organization, may not read as a service account, or there is
   *   no such user
   */
  read(owner: Owner, preconditions: Preconditions): Promise<SettingsRead | undefined> {
    return this.reads[owner.asker].ask([...owner.ids, preconditions.onlyVersionNotToMatch(owner.id)]);
  }

  /**
   * @returns `undefined` when the caller is no member of the organization, may not write as a service account, or there is
   *   no such user
   * @throws PatchConflictError
   * @throws InvalidInputError
   * @throws PayloadTooLargeError
   */
  async change(
    owner: Owner,
    change: SettingsChange,
    options: ChangeOptions,
    limits: Limits,
  ): Promise<SettingsWritten | undefined> {
    const { preconditions, origin, isDryRun } = options;
    const values = [
      argumentOf(change),
      limits.bytes,
      arrayOf(preconditions.versionsToMatch(owner.id)),
      arrayOf(preconditions.versionsNotToMatch(owner.id)),
      preconditions.demandsVersion0,
      isDryRun,
      origin.requestId,
      origin.reason,
      ...owner.ids,
      ...furtherArgumentsOf(change, limits),
    ];
    const write = () => this.write(STATEMENTS[owner.asker][change.kind], values);
    const written = await write();
    if (written?.mayWrite !== true || written.before !== null) return written;
    // Nobody wrote the document before.
    await this.insertEmpty(owner);
    return write();
  }

  private async write(statement: Statement, values: unknown[]): Promise<SettingsWritten | undefined> {
    try {
      const [row] = await this.runner.run<SettingsWritten>(statement, values);
      return row;
    } catch (error) {
      throw translated(error);
    }
  }

  /** The document that nobody wrote before: an empty one in version 0, which is no change. */
  private async insertEmpty({ asker, id }: Owner): Promise<void> {
    await this.runner.run(STATEMENTS[asker].insertEmpty, [id]);
  }
}

/** An array of PostgreSQL, as text. */
function arrayOf(versions: readonly string[] | null): string | null {
  return versions && `{${versions.join(',')}}`;
}

function argumentOf(change: SettingsChange): string {
  switch (change.kind) {
    case 'replace':
      return change.settings;
    case 'merge':
    case 'merge-patch':
    case 'json-patch':
      return change.patch;
    case 'delete-keys':
      return JSON.stringify(change.keys);
    case 'restore':
      return change.version;
  }
}

/** How many paths a merge sets one by one; with more, going through the whole document is faster. */
const MOST_LEAVES = 32;

function furtherArgumentsOf(change: SettingsChange, limits: Limits): unknown[] {
  switch (change.kind) {
    case 'merge':
      return [leafPointers(change.patch, MOST_LEAVES)];
    case 'json-patch':
      return [limits.depth];
    default:
      return [];
  }
}

/** What `settings_patch` raises; its messages are for the caller. */
function translated(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'FB400') return new InvalidInputError(shortened(message));
  if (code === 'FB409') return new PatchConflictError(shortened(message));
  if (code === 'FB413') return new PayloadTooLargeError(shortened(message));
  return error;
}

/** A pointer in the message may be as long as a request. */
function shortened(message: unknown): string {
  return String(message).slice(0, MAX_DETAIL_LENGTH).toWellFormed();
}

const MAX_DETAIL_LENGTH = 300;

/**
 * A document is kept whole again when more operations than this would lead to it from the last time; of a large document
 * fewer, because each operation copies it: so many that the copies take this many bytes in all.
 */
const MOST_OPERATIONS_TO_REPLAY = 256;
const MOST_BYTES_TO_REPLAY = 16 * 1024 * 1024;

/** Jsonb may take more bytes than its text, but not by so much. */
const MOST_BYTES_FOR_EACH_OF_TEXT = 4;

/** The new document `settings`, and its difference to the one in `b.settings` as `changes`. */
const withDifference = (settings: string) => `
  select d.settings, settings_diff(b.settings, d.settings) as changes from (select ${settings} as settings offset 0) d`;

const activeMember = (organizationId: string, userId: string) => `
  members m join organizations o on o.id = m.organization_id and o.deleted_at is null
    and m.organization_id = ${organizationId} and m.user_id = ${userId} and m.deleted_at is null`;

const activeUser = (userId: string) => `users u where u.id = ${userId} and u.deleted_at is null`;

const activeService = (organizationId: string, serviceId: string, scopes: string) => `
  service_accounts sa join organizations o on o.id = ${organizationId} and o.deleted_at is null
    and sa.id = ${serviceId} and sa.deleted_at is null and coalesce(sa.organization_id, o.id) = o.id
    and sa.scopes @> ${scopes}`;

/** One row if the caller may read the owner's settings, none otherwise; the ids are parameters, the second the caller's. */
export function readerOf(asker: Asker, ownerId: string, callerId: string): string {
  switch (asker) {
    case 'member':
      return activeMember(ownerId, callerId);
    case 'service':
      return activeService(ownerId, callerId, `'{settings:read}'`);
    case 'user':
      return `(select from ${activeUser(ownerId)}) u`;
  }
}

/** One row with `may_write` if the caller is there. The reply to a dry run shows the document. */
function writerOf(asker: Asker, ownerId: string, callerId: string, isDryRun: string): string {
  switch (asker) {
    case 'member':
      return `select m.role in (${WRITING_ROLES.join(', ')}) as may_write from ${activeMember(ownerId, callerId)}`;
    case 'service':
      return `select true as may_write from ${activeService(
        ownerId,
        callerId,
        `case when ${isDryRun} then '{settings:read,settings:write}' else '{settings:write}' end::text[]`,
      )}`;
    case 'user':
      return `select true as may_write, u.organization_id from ${activeUser(ownerId)}`;
  }
}

export const statementName = (scope: Scope, asker: Asker, what: string) =>
  `${scope}-settings-${what}${asker === 'service' ? '-by-service' : ''}`;

/** What a reader asks with: whose document, on whose behalf where that is somebody else, and which version is known. */
const QUESTIONS: Record<Asker, QuestionStatement['question']> = {
  member: { organization_id: 'uuid', caller_id: 'varchar', known: 'bigint' },
  service: { organization_id: 'uuid', caller_id: 'varchar', known: 'bigint' },
  user: { user_id: 'varchar', known: 'bigint' },
};

const isDeeperThan = (depth: string) => `
  n.settings @? format('strict $.**{%s} ? (@.type() == "object" || @.type() == "array")', ${depth}::integer)::jsonpath`;

/** Every parameter list of a write begins with $1, the argument, to $8, the reason; the ids follow, then further arguments. */
const FIRST_ID = 9;

function statementsFor(scope: Scope, asker: Asker) {
  const { table, key, changes, settingsAt, context } = OWNERS[scope];
  const isOrganization = scope === 'organization';
  const ids = isOrganization ? 2 : 1;
  const owner = `$${FIRST_ID}`;
  const caller = `$${FIRST_ID + ids - 1}`;
  const further = `$${FIRST_ID + ids}`;

  const after: Record<SettingsChange['kind'], string> = {
    replace: withDifference('$1::jsonb'),
    merge: `select m.settings, m.changes from settings_merge_with_changes(b.settings, $1::jsonb, ${further}::text[]) m`,
    'delete-keys': withDifference('settings_delete_keys(b.settings, $1::jsonb)'),
    'merge-patch': withDifference('settings_merge_patch(b.settings, $1::jsonb)'),
    'json-patch': withDifference(
      `settings_patch(b.settings, $1::jsonb, $2 * ${MOST_BYTES_FOR_EACH_OF_TEXT}, ${further})`,
    ),
    restore: withDifference(`case when $1::bigint > 0 then ${settingsAt}(${owner}, $1::bigint) end`),
  };
  const write = (kind: SettingsChange['kind']): Statement => ({
    name: statementName(scope, asker, kind),
    text: `
      with caller as materialized (
        ${writerOf(asker, owner, caller, '$6::boolean')}
      ), before as materialized (
        select s.settings, s.version, s.updated_at, s.history_version = s.version as is_kept, s.operations_since_snapshot from ${table} s
        where s.${key} = ${owner}
          and exists (select from caller where may_write)
        for update
      ), after as materialized (
        select n.settings, n.changes, b.version + 1 as version, f.bytes, f.is_too_deep,
          date_trunc('milliseconds', greatest(clock_timestamp(), b.updated_at)) as at,
          case when f.operations <= least(${MOST_OPERATIONS_TO_REPLAY}, ${MOST_BYTES_TO_REPLAY} / f.bytes) then f.operations
            else 0 end as operations,
          f.is_changed and f.bytes <= $2 and not f.is_too_deep and not $6::boolean as is_stored
        from before b
        cross join lateral (${after[kind]} offset 0) n
        cross join lateral (
          select octet_length(n.settings::text) as bytes,
            ${kind === 'json-patch' ? isDeeperThan(further) : 'false'} as is_too_deep,
            jsonb_array_length(n.changes) > 0 as is_changed,
            case when b.is_kept then b.operations_since_snapshot else 0 end + jsonb_array_length(n.changes) as operations
          offset 0
        ) f
        where ($3::bigint[] is null or b.version = any($3))
          and ($4::bigint[] is null or b.version <> all($4))
          and (b.version = 0 or not $5::boolean)
      ), written as (
        update ${table} s
        set settings = a.settings, version = a.version, updated_at = a.at,
          history_version = a.version, operations_since_snapshot = a.operations
        from after a where s.${key} = ${owner} and a.is_stored
      ), baseline as (
        insert into ${changes} (${key}, context, version, id, at, operation, patch, snapshot)
        select ${owner}, ${context}, b.version, change_id(b.updated_at), date_trunc('milliseconds', b.updated_at),
          'baseline', '[]', b.settings
        from before b cross join after a where a.is_stored and not b.is_kept
        on conflict do nothing
      ), kept as (
        insert into ${changes} (
          ${key}, context, version, id, at, operation, actor_id, patch, snapshot, request_id, reason
          ${isOrganization ? '' : ', organization_id'}
        )
        select ${owner}, ${context}, a.version, change_id(a.at), a.at, '${kind}', ${caller}, a.changes,
          case when a.operations = 0 then a.settings end, $7, $8 ${isOrganization ? '' : ', c.organization_id'}
        from after a ${isOrganization ? '' : 'cross join caller c'} where a.is_stored
      )
      select c.may_write as "mayWrite", b.version as before, a.version is not null as "isExpected", a.bytes, a.is_too_deep as "isTooDeep",
        case when a.is_stored then a.version else b.version end as version,
        case when $6 then a.settings::text end as settings, case when $6 then a.changes::text end as patch
      from caller c left join before b on true left join after a on true`,
  });
  return {
    read: {
      name: statementName(scope, asker, 'read'),
      question: QUESTIONS[asker],
      text: (q) => `
        select q.place, coalesce(s.version, 0) as version,
          case when coalesce(s.version, 0) is distinct from q.known then coalesce(s.settings::text, '{}') end as settings
        from ${q} cross join lateral (select from ${readerOf(asker, `q.${key}`, isOrganization ? 'q.caller_id' : `q.${key}`)}) r
        left join ${table} s on s.${key} = q.${key}`,
    },
    insertEmpty: {
      name: statementName(scope, asker, 'insert-empty'),
      text: `insert into ${table} (${key}) values ($1) on conflict do nothing`,
    },
    replace: write('replace'),
    merge: write('merge'),
    'delete-keys': write('delete-keys'),
    'merge-patch': write('merge-patch'),
    'json-patch': write('json-patch'),
    restore: write('restore'),
  } satisfies Record<string, Statement | QuestionStatement>;
}

const STATEMENTS = {
  member: statementsFor('organization', 'member'),
  service: statementsFor('organization', 'service'),
  user: statementsFor('user', 'user'),
};
