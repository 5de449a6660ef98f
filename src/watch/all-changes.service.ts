import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { OVERLAP_MS } from './overlap.js';
import type { StreamConnection } from './stream-connection.js';
import { AllChangesRepository, type FoundChange } from './all-changes.repository.js';
import { WatchPollerService } from './watch-poller.service.js';

/** How many organizations are read at a time for a watcher who was away. */
const PAGE = 2_000;

/** How often it is looked whether the watcher took a page, in milliseconds. */
const TAKE_MS = 20;

/** How often it is said that changes could not be read. */
const WARNING_PAUSE_MS = 60_000;

/**
 * Tells those who watch all organizations of their changes, which it finds in the history: with one look for all of
 * these watchers, as often as for single documents.
 */
@Injectable()
export class AllChangesService implements OnApplicationShutdown {
  private readonly logger = new Logger('Watch');
  private readonly connections = new Set<StreamConnection>();
  /** Those who still hear of what was changed while they were away. */
  private readonly behind = new Set<StreamConnection>();
  private timer: NodeJS.Timeout | undefined;
  private begun: Promise<number> | undefined;
  /** Counts beginnings and rests: what an earlier one left behind goes on no more. */
  private run = 0;
  private lookedAt = 0;
  /** The time of the database at the last look, in milliseconds since the epoch. */
  private reachedMs = 0;
  private isStopped = false;
  private warnedAt = -Infinity;

  constructor(
    private readonly poller: WatchPollerService,
    private readonly repository: AllChangesRepository,
  ) {
    poller.versions.subscribeAny((...found) => {
      for (const connection of this.connections) connection.note(...found);
    });
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /**
   * Adds a watcher.
   *
   * @param sinceMs up to when they were told of changes, in milliseconds since the epoch
   */
  async join(connection: StreamConnection, raw: ServerResponse, sinceMs?: number): Promise<void> {
    this.connections.add(connection);
    if (sinceMs !== undefined) this.behind.add(connection);
    raw.once('close', () => {
      this.connections.delete(connection);
      this.behind.delete(connection);
      if (this.connections.size === 0) this.rest();
    });
    // Changes that were committed before are not news to a new watcher.
    const nowMs = await (this.begun ??= this.begin());
    connection.timeMs = sinceMs ?? Math.max(nowMs, this.reachedMs);
    connection.ready('{}');
    if (sinceMs !== undefined) await this.catchUp(connection, sinceMs);
  }

  private async begin(): Promise<number> {
    this.poller.versions.isAnyWatched = true;
    const run = ++this.run;
    try {
      const { nowMs, changes } = await this.look(OVERLAP_MS);
      for (const { change } of changes) this.poller.versions.knowOfAny(change);
      this.schedule(run);
      return nowMs;
    } catch (error) {
      if (run === this.run) this.rest();
      throw error;
    }
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.run++;
    this.begun = undefined;
    this.poller.versions.isAnyWatched = false;
  }

  private schedule(run: number): void {
    if (this.isStopped || run !== this.run) return;
    this.timer = setTimeout(() => void this.poll().then(() => this.schedule(run)), this.poller.intervalMs);
  }

  private async poll(): Promise<void> {
    try {
      const { nowMs, changes } = await this.look(OVERLAP_MS + performance.now() - this.lookedAt);
      for (const { change, ageMs } of changes) this.poller.versions.tellAny(change, 'poll', ageMs);
      for (const connection of this.connections)
        if (!connection.hasPending && !this.behind.has(connection))
          connection.timeMs = Math.max(connection.timeMs, nowMs);
    } catch (error) {
      this.warn(error);
    }
  }

  private async look(backMs: number): Promise<{ nowMs: number; changes: FoundChange[] }> {
    const lookedAt = performance.now();
    const found = await this.repository.recent(backMs);
    this.lookedAt = lookedAt;
    this.reachedMs = found.nowMs;
    return found;
  }

  /** Tells what was changed since then, page by page as the watcher takes it. */
  private async catchUp(connection: StreamConnection, sinceMs: number): Promise<void> {
    let after: string | undefined;
    do {
      const { changes, next } = await this.repository.since(new Date(sinceMs - OVERLAP_MS), after, PAGE);
      for (const { change, ageMs } of changes) connection.note(change, 'poll', ageMs);
      after = next;
      while (after !== undefined && connection.hasPending) {
        if (!connection.isOpen) return;
        await sleep(TAKE_MS);
      }
    } while (after !== undefined && connection.isOpen);
    this.behind.delete(connection);
  }

  private warn(error: unknown): void {
    if (performance.now() - this.warnedAt < WARNING_PAUSE_MS) return;
    this.warnedAt = performance.now();
    this.logger.warn(`Changes of all organizations could not be read; they will be: ${messageOf(error)}`);
  }
}
