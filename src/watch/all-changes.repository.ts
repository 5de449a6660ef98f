import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { DocumentVersion, WatchedDocument } from '../history/change-feed.js';

/** A version that the history has, and for how long, in milliseconds. */
export interface FoundChange {
  readonly change: DocumentVersion;
  readonly ageMs: number;
}

/** The newest version of each of an organization's documents that was changed; `null` where one was not. */
interface ChangedRow {
  readonly id: string;
  readonly settings: string | null;
  readonly settingsAgeMs: number | null;
  readonly profile: string | null;
  readonly profileAgeMs: number | null;
  readonly policy: string | null;
  readonly policyAgeMs: number | null;
}

/** Reads which organizations were changed, from the history. */
@Injectable()
export class AllChangesRepository {
  constructor(private readonly runner: StatementRunner) {}

  /** Those of the last so many milliseconds, and the time of the database, in milliseconds since the epoch. */
  async recent(backMs: number): Promise<{ nowMs: number; changes: FoundChange[] }> {
    type Row = { nowMs: number } & (ChangedRow | { id: null });
    const rows = await this.runner.executeRead<typeof RECENT, Row>(RECENT, { backMs, since: performance.now() });
    return { nowMs: rows[0]!.nowMs, changes: rows.flatMap((row) => (row.id === null ? [] : changesOf(row))) };
  }

  /** Those since then of organizations whose id comes after this one, by id; of at most `limit` organizations. */
  async since(
    changedSince: Date,
    after: string | undefined,
    limit: number,
  ): Promise<{ changes: FoundChange[]; next: string | undefined }> {
    const call = { changedSince: changedSince.toISOString(), after: after ?? null, limit, since: performance.now() };
    const rows = await this.runner.executeRead<typeof SINCE, ChangedRow>(SINCE, call);
    return { changes: rows.flatMap(changesOf), next: rows.length < limit ? undefined : rows.at(-1)?.id };
  }
}

function changesOf({ id: ownerId, ...of }: ChangedRow): FoundChange[] {
  const found: readonly [WatchedDocument, string | null, number | null][] = [
    ['organization-settings', of.settings, of.settingsAgeMs],
    ['organization-profile', of.profile, of.profileAgeMs],
    ['organization-policy', of.policy, of.policyAgeMs],
  ];
  return found.flatMap(([document, version, ageMs]) =>
    version === null ? [] : [{ change: { document, ownerId, version }, ageMs: ageMs ?? 0 }],
  );
}

// A range that is open at one end would be taken for a third of the table, and the table be read whole.
const RECENT = statement({
  name: 'changes-recent',
  parameters: ['backMs'],
  text: `
    select (extract(epoch from t.now) * 1000)::float8 as "nowMs", c.id, c.settings, c.profile, c.policy,
      (extract(epoch from t.now - c.settings_at) * 1000)::float8 as "settingsAgeMs",
      (extract(epoch from t.now - c.profile_at) * 1000)::float8 as "profileAgeMs",
      (extract(epoch from t.now - c.policy_at) * 1000)::float8 as "policyAgeMs"
    from (select clock_timestamp() as now) t
    left join (
      select c.organization_id as id,
        max(c.version) filter (where c.context = 8) as settings, max(c.at) filter (where c.context = 8) as settings_at,
        max(c.version) filter (where c.context = 4) as profile, max(c.at) filter (where c.context = 4) as profile_at,
        max(c.version) filter (where c.context = 100) as policy, max(c.at) filter (where c.context = 100) as policy_at
      from organization_changes c
      where c.at >= now() - $1::float8 * interval '1 millisecond' and c.at <= 'infinity' and c.context in (4, 8, 100)
      group by c.organization_id
    ) c on true`,
});

const SINCE = statement({
  name: 'changes-since',
  parameters: ['changedSince', 'after', 'limit'],
  text: `
    select c.organization_id as id,
      max(c.version) filter (where c.context = 8) as settings,
      (extract(epoch from clock_timestamp() - max(c.at) filter (where c.context = 8)) * 1000)::float8 as "settingsAgeMs",
      max(c.version) filter (where c.context = 4) as profile,
      (extract(epoch from clock_timestamp() - max(c.at) filter (where c.context = 4)) * 1000)::float8 as "profileAgeMs",
      max(c.version) filter (where c.context = 100) as policy,
      (extract(epoch from clock_timestamp() - max(c.at) filter (where c.context = 100)) * 1000)::float8 as "policyAgeMs"
    from organization_changes c
    where c.at >= $1::timestamptz and c.at <= 'infinity' and c.context in (4, 8, 100)
      and c.organization_id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
    group by c.organization_id
    order by c.organization_id limit $3::integer`,
});
