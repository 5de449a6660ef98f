import type { ServerResponse } from 'node:http';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { UnavailableError } from '../common/errors/common.errors.js';
import { arrayLiteral } from '../database/statement.js';
import type { WatchedDocument } from '../history/change-feed.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { AllChangesService } from './all-changes.service.js';
import { StreamConnection } from './stream-connection.js';
import { positionOf, type StreamPosition, type VersionsPosition } from './stream-position.js';
import { kindOf } from './watched-versions.js';
import { WatchPollerService } from './watch-poller.service.js';
import { type StreamSubject, WatchRightsService } from './watch-rights.service.js';
import { WatchRepository } from './watch.repository.js';
import { DRAIN_MS, WatchService } from './watch.service.js';

/** How often the right to read is checked while nothing happens, and how often a comment is sent, in seconds. */
const RIGHTS_SECONDS = 30;
const BEAT_SECONDS = 15;

/** How soon telling is tried again after rights could not be checked, in milliseconds. */
const RETRY_MS = 500;

/** How many rights are checked at the same time while nothing happens, and when there is something to tell. */
const CHECKED_IDLE = 200;
const CHECKED_TO_TELL = 1_000;

/** So many members of one organization, and more, are looked for together while nothing happens. */
const FEW = 4;

/** After how long the watchers of an instance that stops come back, in milliseconds. */
const MIN_RETURN_MS = 500;
const MAX_RETURN_MS = 4_000;

/** How often it is said that rights could not be checked. */
const WARNING_PAUSE_MS = 60_000;

/** The greatest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Keeps the open streams: tells each what is new, once it is checked that its watcher may still read. */
@Injectable()
export class SettingsStreamService implements OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger('Watch');
  /** One set for each second at which rights are checked. */
  private readonly connections = Array.from({ length: RIGHTS_SECONDS }, () => new Set<StreamConnection>());
  private readonly awake = new Set<StreamConnection>();
  private isTelling = false;
  private opened = 0;
  private second = 0;
  private ticker: NodeJS.Timeout | undefined;
  private warnedAt = -Infinity;

  constructor(
    private readonly watch: WatchService,
    private readonly poller: WatchPollerService,
    private readonly all: AllChangesService,
    private readonly rights: WatchRightsService,
    private readonly repository: WatchRepository,
  ) {}

  /** Makes all watchers come back at another instance, not all at once. */
  onModuleDestroy(): void {
    for (const connection of this.connections.flatMap((some) => [...some])) {
      const leave = () => connection.leave(MIN_RETURN_MS + Math.floor(Math.random() * (MAX_RETURN_MS - MIN_RETURN_MS)));
      setTimeout(leave, Math.random() * DRAIN_MS);
    }
  }

  onApplicationShutdown(): void {
    clearInterval(this.ticker);
  }

  /**
   * Finds out what a caller may watch.
   *
   * @param organizationId the one that a service account names
   * @param since when the request came to wait, on the clock of `performance.now()`
   * @throws what `WatchRightsService.admit` does
   */
  admit(callerId: string, organizationId: string | undefined, since: number): Promise<StreamSubject> {
    return this.rights.admit(callerId, organizationId, since);
  }

  /**
   * Makes sure that there is a place for a watcher.
   *
   * @param lastEventId where an earlier stream broke off
   * @returns opens the stream on a reply whose head is sent
   * @throws InvalidInputError for an id of another stream
   * @throws TooManyWatchersError
   * @throws WatchUnavailableError
   * @throws UnavailableError when the instance is about to stop
   */
  prepare(
    subject: StreamSubject,
    lastEventId: string | undefined,
  ): (raw: ServerResponse, tokenEnd: number) => Promise<void> {
    const { callerId } = subject;
    const isOfAll = subject.organizationId === 'all';
    const since: StreamPosition | undefined = isOfAll ? positionOf(lastEventId, true) : positionOf(lastEventId, false);
    if (this.watch.isDraining) throw new UnavailableError('the instance is about to stop');
    const release = this.watch.takePlace({
      kind: 'stream',
      callerId,
      isService: subject.isService,
      organizationId: isOfAll ? undefined : subject.organizationId,
    });
    return async (raw, tokenEnd) => {
      raw.once('close', release);
      // Whoever went away before has closed already.
      if (raw.destroyed) return release();
      const connection = new StreamConnection(subject, raw, (one) => this.wake(one));
      this.keep(connection, raw, tokenEnd);
      try {
        if (since !== undefined && !('timeMs' in since)) await this.begin(connection, raw, since);
        else if (isOfAll) await this.all.join(connection, raw, since?.timeMs);
        else await this.begin(connection, raw, undefined);
      } catch (error) {
        this.warn(error);
        // The head is sent: all that can be said is that the watcher had better come back.
        connection.leave(MAX_RETURN_MS);
      }
    };
  }

  /** Has the versions told as they are now, and after that what is newer than what the watcher was told before. */
  private async begin(
    connection: StreamConnection,
    raw: ServerResponse,
    since: VersionsPosition | undefined,
  ): Promise<void> {
    const { callerId, isService, organizationId, documents } = connection.subject;
    const { versions } = this.poller;
    // Before the look, so that nothing is missed between.
    const note: Parameters<typeof versions.subscribe>[2] = (...found) => connection.note(...found);
    if (organizationId !== undefined) {
      raw.once('close', versions.subscribe('organization', organizationId, note));
      raw.once('close', versions.subscribe('system', SYSTEM_ID, note));
    }
    if (!isService) raw.once('close', versions.subscribe('user', callerId, note));
    this.poller.start();

    const [[organization], [user], system] = await Promise.all([
      organizationId === undefined ? [] : this.repository.organizationVersions(arrayLiteral([organizationId])),
      isService ? [] : this.repository.userVersions(arrayLiteral([callerId])),
      organizationId === undefined ? undefined : this.repository.systemVersions(),
    ]);
    const found: Partial<Record<WatchedDocument, string | undefined>> = {
      'user-settings': user?.settings,
      'organization-settings': organization?.settings,
      'organization-profile': organization?.profile,
      'organization-policy': organization?.policy,
      'system-settings': system?.settings,
      'system-policy': system?.policy,
    };
    const now: Partial<Record<WatchedDocument, string | undefined>> = {};
    const owners = { user: callerId, organization: organizationId, system: SYSTEM_ID };
    for (const document of documents) {
      const kind = kindOf(document);
      const isSame = kind !== 'organization' || since?.organizationId === organizationId;
      const known = isSame ? since?.versions[document] : undefined;
      const version = (now[document] = found[document]);
      const ownerId = owners[kind];
      if (version === undefined || ownerId === undefined) continue;
      connection.know(document, known ?? version);
      if (known !== undefined) connection.note({ document, ownerId, version }, 'poll', 0);
    }
    const shown = (version: string | undefined) => version && { version };
    connection.ready(
      JSON.stringify({
        user: shown(now['user-settings']),
        organization: organizationId && {
          id: organizationId,
          settings: shown(now['organization-settings']),
          profile: shown(now['organization-profile']),
          policy: shown(now['organization-policy']),
        },
        system: now['system-settings'] && {
          settings: shown(now['system-settings']),
          policy: shown(now['system-policy']),
        },
      }),
    );
    this.wake(connection);
  }

  private keep(connection: StreamConnection, raw: ServerResponse, tokenEnd: number): void {
    const kept = this.connections[this.opened++ % RIGHTS_SECONDS]!;
    kept.add(connection);
    this.ticker ??= setInterval(() => this.tick(), 1_000);
    let timer: NodeJS.Timeout;
    const expire = () => {
      const left = tokenEnd - Date.now();
      if (left <= 0) connection.end('token-expired');
      else timer = setTimeout(expire, Math.min(left, MAX_TIMER_MS));
    };
    expire();
    raw.once('close', () => {
      clearTimeout(timer);
      kept.delete(connection);
      this.awake.delete(connection);
    });
  }

  private tick(): void {
    this.second = (this.second + 1) % RIGHTS_SECONDS;
    const due = this.connections[this.second]!;
    for (const connection of due) connection.beat();
    for (const connection of this.connections[(this.second + BEAT_SECONDS) % RIGHTS_SECONDS]!) connection.beat();
    void this.checkRights([...due]).catch((error: unknown) => this.warn(error));
  }

  private async checkRights(connections: readonly StreamConnection[]): Promise<void> {
    for (let at = 0; at < connections.length; at += CHECKED_IDLE) {
      const some = connections.slice(at, at + CHECKED_IDLE);
      const lost = await this.rights.recheckAll(
        some.map(({ subject }) => subject),
        FEW,
      );
      for (const connection of some) {
        const reason = lost.get(connection.subject);
        if (reason !== undefined) connection.end(reason);
      }
    }
  }

  private wake(connection: StreamConnection): void {
    if (!connection.canTell) return;
    this.awake.add(connection);
    if (this.isTelling) return;
    this.isTelling = true;
    // What comes in the same turn is told together.
    setImmediate(() => void this.tellAll());
  }

  private async tellAll(): Promise<void> {
    while (this.awake.size > 0) {
      const some: StreamConnection[] = [];
      for (const connection of this.awake) {
        this.awake.delete(connection);
        if (some.push(connection) === CHECKED_TO_TELL) break;
      }
      try {
        const lost = await this.rights.recheckAll(some.map(({ subject }) => subject));
        for (const connection of some) {
          const reason = lost.get(connection.subject);
          if (reason !== undefined) connection.end(reason);
          else if (connection.canTell) connection.tell((source, ageMs) => this.watch.countTold(source, ageMs));
        }
      } catch (error) {
        this.warn(error);
        for (const connection of some) if (connection.isOpen) this.awake.add(connection);
        setTimeout(() => void this.tellAll(), RETRY_MS);
        return;
      }
    }
    this.isTelling = false;
  }

  private warn(error: unknown): void {
    if (performance.now() - this.warnedAt < WARNING_PAUSE_MS) return;
    this.warnedAt = performance.now();
    this.logger.warn(`What is watched could not be read; streams go on when it can: ${messageOf(error)}`);
  }
}
