import type { Cluster } from './cluster.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

/** What was done to the service. */
export interface FaultCounts {
  connections: number;
  stalls: number;
  longStalls: number;
  kills: number;
  restarts: number;
}

/** Longer than the service waits for a statement: it gives up, and the statement goes on. */
const LONG_HOLD_MS = 9_000;

/** Those that run a statement first: they have something to lose. */
const TERMINATE = `
  select pg_terminate_backend(pid) from (
    select pid from pg_stat_activity
    where datname = current_database() and application_name = 'flashback-backend'
    order by state = 'active' desc, random() limit $1) victim`;

/**
 * Does harm while the clients work:
 *
 * 1. ends database sessions of the service in the middle of what they do;
 * 2. holds a document's row for a while, so that changes wait in the database, and then ends sessions or kills an
 *    instance while they do, or holds it for so long that the service gives up: such a change may come after its client
 *    was told that it failed;
 * 3. kills instances with `kill -9` and starts them again.
 */
export class Faults {
  private readonly counts = { connections: 0, stalls: 0, longStalls: 0 };
  private isOver = false;
  private readonly work: Promise<unknown>;

  constructor(
    private readonly stage: Stage,
    private readonly cluster: Cluster,
    random: Random,
    private readonly mayHoldLong: boolean,
  ) {
    this.work = Promise.all([this.harmDatabase(random.fork()), this.harmInstances(random.fork())]);
    // Heard by end(); until then it must not end the process.
    this.work.catch(() => undefined);
  }

  /** Lets the last fault come to its end, with all instances running again. */
  async end(): Promise<FaultCounts> {
    this.isOver = true;
    await this.work;
    const { kills, restarts } = this.cluster;
    return { ...this.counts, kills, restarts };
  }

  private async harmDatabase(random: Random): Promise<void> {
    for (;;) {
      await this.pause(random.between(100, 500));
      if (this.isOver) return;
      if (random.chance(0.25)) await this.stall(random);
      else await this.terminate(random.between(1, 3));
    }
  }

  private async harmInstances(random: Random): Promise<void> {
    for (;;) {
      await this.pause(random.between(300, 2_000));
      if (this.isOver) return;
      await this.cluster.killAndRestart(random.between(0, this.cluster.size - 1));
    }
  }

  private async terminate(sessions: number): Promise<void> {
    const { rowCount } = await this.stage.sql.query(TERMINATE, [sessions]);
    this.counts.connections += rowCount ?? 0;
  }

  private async stall(random: Random): Promise<void> {
    const { kind, ownerId } = random.pick(this.stage.documents);
    const scope = kind === 'organization-settings' ? 'organization' : 'user';
    const { sql } = this.stage;
    await sql.query('begin');
    await sql.query(`select from ${scope}_settings where ${scope}_id = $1 for update`, [ownerId]);
    const isLong = random.chance(0.1) && this.mayHoldLong;
    await this.pause(isLong ? LONG_HOLD_MS : random.between(50, 300));
    if (random.chance(0.5)) await this.terminate(random.between(1, 3));
    await sql.query('commit');
    this.counts.stalls++;
    if (isLong) this.counts.longStalls++;
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise((wake) => setTimeout(wake, milliseconds));
  }
}
