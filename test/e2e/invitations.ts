import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { TestApp, type TestAppOptions } from '../support/app.js';
import { anInvitedUser, anOrganization, type InvitedUserFields, type TestOrganization } from '../support/factories.js';
import { connect } from '../support/data-source.js';
import { InvitationReceiver } from '../support/invitation-receiver.js';
import { aDatabase, type TestDatabase } from '../support/database.js';

export const eventually = (what: () => boolean | Promise<boolean>) =>
  vi.waitUntil(what, { timeout: 30_000, interval: 50 });

interface Row {
  id: string;
  organizationId: string;
  attempts: number;
  isWaiting: boolean;
  isDelivered: boolean;
  isFailed: boolean;
  lastError: string | null;
}

/** A service whose invitations a receiver gets, for the tests of a file. */
export function invitationStage(): InvitationStage {
  vi.setConfig({ testTimeout: 60_000 });
  const stage = new InvitationStage();
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  beforeEach(() => stage.begin());
  afterEach(() => stage.end());
  return stage;
}

/** What such tests use. */
class InvitationStage {
  database!: TestDatabase;
  dataSource!: DataSource;
  receiver!: InvitationReceiver;
  app!: TestApp;
  organization!: TestOrganization;
  /** Whether the next test goes on with the same process. */
  isKept = false;
  /** The metrics when the test began. */
  private before!: string;

  async start(): Promise<void> {
    this.database = await aDatabase();
    this.dataSource = await connect(this.database.directUrl);
    this.receiver = await InvitationReceiver.start();
  }

  async stop(): Promise<void> {
    if (this.isKept) await this.app.close();
    await this.receiver.down();
    await this.dataSource.destroy();
    await this.database.drop();
  }

  async begin(): Promise<void> {
    const earlier = await this.dataSource.query<{ id: string }[]>('select id from invitations');
    await this.dataSource.query('truncate invitations');
    await this.receiver.begin(earlier.map(({ id }) => id));
    if (!this.isKept) this.app = await TestApp.start(this.receiver.variables, this.database);
    this.isKept = true;
    this.before = await this.metrics();
    this.organization = await anOrganization(this.dataSource);
  }

  async end(): Promise<void> {
    // Ends the deliveries that it has not answered.
    await this.receiver.down();
    if (!this.isKept) await this.app.close();
  }

  /** Starts the service anew, for this test alone. */
  readonly restart = async (
    ...[variables, options]: [variables?: Record<string, string>, options?: TestAppOptions]
  ) => {
    this.isKept = false;
    await this.app.close();
    this.app = await TestApp.start(variables ?? this.receiver.variables, this.database, options);
  };

  readonly invite = (fields?: InvitedUserFields) =>
    anInvitedUser(this.dataSource, this.organization.id, this.organization.administrator, fields);

  /** The newest invitation of each of these users, as far as there is one. */
  readonly rowsOf = (userIds: string[]): Promise<Row[]> =>
    this.dataSource.query<Row[]>(
      `select distinct on (i.user_id) i.id, i.organization_id as "organizationId", i.attempts,
         i.next_attempt_at is not null as "isWaiting", i.delivered_at is not null as "isDelivered",
         i.failed_at is not null as "isFailed", i.last_error as "lastError"
       from invitations i where i.user_id = any($1) order by i.user_id, i.invited_at desc`,
      [userIds],
    );

  readonly rowOf = async (userId: string): Promise<Row | undefined> => (await this.rowsOf([userId]))[0];

  /** Waits until it is true of the invitation of each of these users. */
  readonly eventuallyAll = (userIds: string[], isTrue: (row: Row) => boolean) =>
    eventually(async () => {
      const rows = await this.rowsOf(userIds);
      return rows.length === userIds.length && rows.every(isTrue);
    });

  /**
   * As if so many hours had gone by since. An attempt that is under way is not hurried by it: the next one may be half
   * a minute off. Where errors are forgotten, one that is there again says that an attempt ended. In UTC, hours are
   * taken from a column by an immutable function.
   */
  readonly passTime = async (hours: number, { forgetsErrors = false } = {}) => {
    const earlier = (column: string) =>
      `${column} = (${column} at time zone 'UTC' - make_interval(hours => $1)) at time zone 'UTC'`;
    await this.dataSource.query(`update users set ${earlier('invited_at')}`, [hours]);
    const lastError = `last_error = case when $2 then null else last_error end`;
    await this.dataSource.query(
      `update invitations set ${earlier('invited_at')}, ${earlier('next_attempt_at')}, ${lastError}`,
      [hours, forgetsErrors],
    );
  };

  /** No attempt begins before time is passed; to be called when none is under way. */
  readonly postpone = () =>
    this.dataSource.query(`update invitations set next_attempt_at = now() + interval '50 minutes'`);

  readonly metrics = async () => (await this.app.request('GET', '/metrics')).text;

  readonly metric = async (series: string) => valueIn(await this.metrics(), series);

  /** How many deliveries ended so since the test began. */
  readonly ended = async (outcome: string) => {
    const series = `invitation_deliveries_total{outcome="${outcome}"}`;
    return ((await this.metric(series)) ?? 0) - (valueIn(this.before, series) ?? 0);
  };
}

const valueIn = (text: string, series: string) => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};
