import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { WRITING_ROLES } from '../auth/role.js';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError, PayloadTooLargeError } from '../common/errors/common.errors.js';
import { leafPointers } from '../common/json/json-text.js';
import { type Changed, type ChangeForm, type ChangeStatement, changeStatement } from '../database/shared-change.js';
import type { Answer, Question, QuestionStatement, SharedStatement } from '../database/shared-statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import { arrayLiteral, CHANGE_QUESTION, changeQuestion, isForVersion } from '../history/change-question.js';
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
type SettingsChanged = SettingsWritten & Changed;

export interface Limits {
  /** A document that would be longer is not stored, in bytes of its text. */
  readonly bytes: number;
  /** How deep a document may nest, itself being level 1. */
  readonly depth: number;
}

/**
 * Keeps the settings documents of organizations and users.
 *
 * 1. A read is one statement, which also checks the caller's membership and role, or scopes. So is a change: it locks the
 *    document's row, checks the version, computes the new document from the latest one, and writes it and the change
 *    itself only if it differs and fits; so no two callers lose each other's change, whichever instances they talk to.
 *    Those that wait at a time share statements.
 * 2. Documents travel as text, so every digit survives.
 */
@Injectable()
export class SettingsRepository {
  private readonly reads: Record<Asker, SharedStatement<SettingsAnswer>>;

  constructor(
    @InjectRepository(UserSettings) private readonly userSettings: Repository<UserSettings>,
    private readonly runner: StatementRunner,
  ) {
    const readsOf = (asker: Asker) => runner.share<SettingsAnswer>(STATEMENTS[asker].read);
    this.reads = { member: readsOf('member'), service: readsOf('service'), user: readsOf('user') };
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
    const argument = argumentOf(change);
    const further = furtherArgumentOf(change, limits);
    const question: Question = [
      ...owner.ids,
      argument,
      further,
      limits.bytes,
      isDryRun,
      ...changeQuestion(owner.id, preconditions, origin),
    ];
    const statement = STATEMENTS[owner.asker].change[change.kind];
    try {
      const written = await this.runner.change<SettingsChanged>(
        statement,
        question,
        mayShare(change, argument, further),
      );
      if (written?.isSkipped !== true) return written;
      // Nobody wrote the document before.
      await this.insertEmpty(owner);
      return await this.runner.change<SettingsChanged>(statement, question, false);
    } catch (error) {
      throw translated(error);
    }
  }

  /** The document that nobody wrote before: an empty one in version 0, which is no change. */
  private async insertEmpty({ asker, id }: Owner): Promise<void> {
    await this.runner.run(STATEMENTS[asker].insertEmpty, [id]);
  }
}

/**
 * Which changes share statements: those that take no time to speak of, because each waits for all that it goes with, and
 * `statement_timeout` ends all of them.
 */
const KINDS_TO_SHARE: ReadonlySet<SettingsChange['kind']> = new Set(['replace', 'merge', 'delete-keys']);

/** In UTF-16 code units of the argument: a longer one may have thousands of keys to delete from a large document. */
const MOST_CODE_UNITS_TO_SHARE = 4096;

/** Of the document as it is stored, compressed if it is long: a larger one is changed alone. */
const MOST_STORED_BYTES_TO_SHARE = 16 * 1024;

function mayShare({ kind }: SettingsChange, argument: string, further: string | null): boolean {
  const isWholeMerge = kind === 'merge' && further === null;
  return KINDS_TO_SHARE.has(kind) && argument.length <= MOST_CODE_UNITS_TO_SHARE && !isWholeMerge;
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

function furtherArgumentOf(change: SettingsChange, limits: Limits): string | null {
  switch (change.kind) {
    case 'merge':
      return arrayLiteral(leafPointers(change.patch, MOST_LEAVES));
    case 'json-patch':
      return String(limits.depth);
    default:
      return null;
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

/** The questions `q` whose callers are there, with `may_write`. The reply to a dry run shows the document. */
function writersOf(asker: Asker, q: string): string {
  switch (asker) {
    case 'member':
      return `select q.*, m.role in (${WRITING_ROLES.join(', ')}) as may_write from ${q}
        cross join lateral (select m.role from ${activeMember('q.organization_id', 'q.caller_id')}) m`;
    case 'service':
      return `select q.*, true as may_write from ${q} cross join lateral (select from ${activeService(
        'q.organization_id',
        'q.caller_id',
        `case when q.is_dry_run then '{settings:read,settings:write}' else '{settings:write}' end::text[]`,
      )}) sa`;
    case 'user':
      return `select q.*, true as may_write, u.organization_id as member_of from ${q}
        cross join lateral (select u.organization_id from ${activeUser('q.user_id')}) u`;
  }
}

export const statementName = (scope: Scope, asker: Asker, what: string) =>
  `${scope}-settings-${what}${asker === 'service' ? '-by-service' : ''}`;

/** Whose document, and on whose behalf where that is somebody else: `Owner.ids`. */
const IDS: Record<Asker, QuestionStatement['question']> = {
  member: { organization_id: 'uuid', caller_id: 'varchar' },
  service: { organization_id: 'uuid', caller_id: 'varchar' },
  user: { user_id: 'varchar' },
};

/** What a reader adds: which version is known. */
const READ = { known: 'bigint' } as const;

/** What a change adds. */
const CHANGE = {
  argument: 'text',
  further: 'text',
  max_bytes: 'integer',
  is_dry_run: 'boolean',
  ...CHANGE_QUESTION,
} as const;

const isDeeperThan = (depth: string) => `
  n.settings @? format('strict $.**{%s} ? (@.type() == "object" || @.type() == "array")', ${depth})::jsonpath`;

function statementsFor(scope: Scope, asker: Asker) {
  const { table, key, changes, settingsAt, context } = OWNERS[scope];
  const isOrganization = scope === 'organization';
  const actor = isOrganization ? 'b.caller_id' : 'b.user_id';

  const after: Record<SettingsChange['kind'], string> = {
    replace: withDifference('b.argument::jsonb'),
    merge: `
      select m.settings, m.changes
      from settings_merge_with_changes(b.settings, b.argument::jsonb, b.further::text[]) m`,
    'delete-keys': withDifference('settings_delete_keys(b.settings, b.argument::jsonb)'),
    'merge-patch': withDifference('settings_merge_patch(b.settings, b.argument::jsonb)'),
    'json-patch': withDifference(
      `settings_patch(b.settings, b.argument::jsonb, b.max_bytes * ${MOST_BYTES_FOR_EACH_OF_TEXT}, b.further::integer)`,
    ),
    restore: withDifference(`case when b.argument::bigint > 0 then ${settingsAt}(b.${key}, b.argument::bigint) end`),
  };
  const textOf =
    (kind: SettingsChange['kind']) =>
    ({ q, owner, isShared }: ChangeForm) => `
    with caller as materialized (
      ${writersOf(asker, q)}
    ), before as materialized (
      select c.*, s.settings, s.version, s.updated_at, s.history_version = s.version as is_kept, s.operations_since_snapshot
      from caller c join ${table} s on s.${key} = ${owner('c')}
      where c.may_write ${isShared ? `and pg_column_size(s.settings) <= ${MOST_STORED_BYTES_TO_SHARE}` : ''}
      for update of s ${isShared ? 'skip locked' : ''}
    ), after as materialized (
      select b.place, b.${key}, b.is_dry_run, n.settings, n.changes, b.version + 1 as version, f.bytes, f.is_too_deep,
        date_trunc('milliseconds', greatest(clock_timestamp(), b.updated_at)) as at,
        case when f.operations <= least(${MOST_OPERATIONS_TO_REPLAY}, ${MOST_BYTES_TO_REPLAY} / f.bytes) then f.operations
          else 0 end as operations,
        f.is_changed and f.bytes <= b.max_bytes and not f.is_too_deep and not b.is_dry_run as is_stored
      from before b
      cross join lateral (${after[kind]} offset 0) n
      cross join lateral (
        select octet_length(n.settings::text) as bytes,
          ${kind === 'json-patch' ? isDeeperThan('b.further::integer') : 'false'} as is_too_deep,
          jsonb_array_length(n.changes) > 0 as is_changed,
          case when b.is_kept then b.operations_since_snapshot else 0 end + jsonb_array_length(n.changes) as operations
        offset 0
      ) f
      where ${isForVersion('b', 'b.version')}
    ), written as (
      update ${table} s
      set settings = a.settings, version = a.version, updated_at = a.at,
        history_version = a.version, operations_since_snapshot = a.operations
      from after a where s.${key} = ${owner('a')} and a.is_stored
    ), baseline as (
      insert into ${changes} (${key}, context, version, id, at, operation, patch, snapshot)
      select ${owner('b')}, ${context}, b.version, change_id(b.updated_at), date_trunc('milliseconds', b.updated_at),
        'baseline', '[]', b.settings
      from before b join after a on a.place = b.place where a.is_stored and not b.is_kept
      on conflict do nothing
    ), kept as (
      insert into ${changes} (
        ${key}, context, version, id, at, operation, actor_id, patch, snapshot, request_id, reason
        ${isOrganization ? '' : ', organization_id'}
      )
      select ${owner('b')}, ${context}, a.version, change_id(a.at), a.at, '${kind}', ${actor}, a.changes,
        case when a.operations = 0 then a.settings end, b.request_id, b.reason ${isOrganization ? '' : ', b.member_of'}
      from before b join after a on a.place = b.place where a.is_stored
    )
    select c.place, c.may_write as "mayWrite", c.may_write and b.place is null as "isSkipped", b.version as before, a.version is not null as "isExpected", a.bytes,
      a.is_too_deep as "isTooDeep", case when a.is_stored then a.version else b.version end as version,
      case when c.is_dry_run then a.settings::text end as settings,
      case when c.is_dry_run then a.changes::text end as patch
    from caller c left join before b on b.place = c.place left join after a on a.place = c.place`;
  const change = (kind: SettingsChange['kind']) =>
    changeStatement({
      name: statementName(scope, asker, kind),
      question: { ...IDS[asker], ...CHANGE },
      owner: key,
      text: textOf(kind),
    });
  return {
    read: {
      name: statementName(scope, asker, 'read'),
      question: { ...IDS[asker], ...READ },
      text: (q: string) => `
        select q.place, coalesce(s.version, 0) as version,
          case when coalesce(s.version, 0) is distinct from q.known then coalesce(s.settings::text, '{}') end as settings
        from ${q} cross join lateral (select from ${readerOf(asker, `q.${key}`, isOrganization ? 'q.caller_id' : `q.${key}`)}) r
        left join ${table} s on s.${key} = q.${key}`,
    },
    insertEmpty: {
      name: statementName(scope, asker, 'insert-empty'),
      text: `insert into ${table} (${key}) values ($1) on conflict do nothing`,
    },
    change: {
      replace: change('replace'),
      merge: change('merge'),
      'delete-keys': change('delete-keys'),
      'merge-patch': change('merge-patch'),
      'json-patch': change('json-patch'),
      restore: change('restore'),
    } satisfies Record<SettingsChange['kind'], ChangeStatement>,
  };
}

const STATEMENTS = {
  member: statementsFor('organization', 'member'),
  service: statementsFor('organization', 'service'),
  user: statementsFor('user', 'user'),
};
