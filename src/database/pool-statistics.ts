import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../config/environment.js';
import { StatementRunner } from './statement-runner.js';

/** TypeORM's, of pg or of the embedded database. */
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Requests that wait for each other before they come to the database. */
export interface RequestQueue {
  readonly waitingCount: number;
  waitingOf(callerId: string): number;
}

/** How the connections to the database are used just now, and who waits for them. */
@Injectable()
export class PoolStatistics {
  private readonly queues: RequestQueue[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly runner: StatementRunner,
    private readonly environment: Environment,
  ) {}

  /** Has what waits there counted, too. */
  include(queue: RequestQueue): void {
    this.queues.push(queue);
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    const inQueues = this.queues.reduce((sum, { waitingCount }) => sum + waitingCount, 0);
    return this.pool.waitingCount + this.runner.waitingCount + inQueues;
  }

  /** How many requests of one caller wait. */
  waitingOf(callerId: string): number {
    return this.queues.reduce((sum, queue) => sum + queue.waitingOf(callerId), this.runner.waitingOf(callerId));
  }

  /** How much heavy work runs, and how much waits for its turn. */
  get heavyWork(): { running: number; waiting: number } {
    return this.runner.heavyWork;
  }

  /** How many executions of small reads, or changes, run, and how many calls wait for one. */
  smallWork(kind: 'reads' | 'changes'): { running: number; waiting: number } {
    return this.runner.smallWork(kind);
  }

  /** Nothing on the embedded database, which has but one session. */
  read(): { total: number; idle: number; waiting: number; max: number } | undefined {
    if (this.environment.usesEmbeddedDatabase) return undefined;
    const { pool, runner } = this;
    return {
      total: pool.totalCount + runner.connections.open,
      idle: pool.idleCount + runner.connections.idle,
      waiting: this.waiting,
      max: this.environment.DATABASE_POOL_SIZE,
    };
  }

  private get pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }
}
