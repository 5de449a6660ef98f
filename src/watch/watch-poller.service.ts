import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { arrayLiteral } from '../database/statement.js';
import type { DocumentVersion } from '../history/change-feed.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { OVERLAP_MS } from './overlap.js';
import { kindOf, OWNER_KINDS, type OwnerKind, WatchedVersions } from './watched-versions.js';
import { WatchRepository } from './watch.repository.js';

/** How often the database is asked, where the environment says nothing: without Redis, and with one that answers. */
const POLL_MS = 1_000;
const POLL_WITH_REDIS_MS = 5_000;

/**
 * How often everything that is watched is read, in milliseconds. In between, only what was changed since the last look
 * is read: few rows of many. That relies on the time that is stored with each change; the full look does not.
 */
const WHOLE_MS = 30_000;

/** How long hints of other instances are gathered before the database is asked, in milliseconds. */
const GATHER_MS = 10;

/** How often it is said that the database could not be asked. */
const WARNING_PAUSE_MS = 60_000;

/**
 * Asks the database for the versions of all that is watched here, again and again, by one statement for all
 * organizations, one for all users and one for the system. This alone makes sure that no change is missed, whoever
 * made it and whatever was down meanwhile; what tells of a change earlier is only faster. While nobody watches, nothing
 * is asked.
 */
@Injectable()
export class WatchPollerService implements OnApplicationShutdown {
  private readonly logger = new Logger('Watch');
  private readonly hints: Record<OwnerKind, Set<string>> = {
    organization: new Set(),
    user: new Set(),
    system: new Set(),
  };
  /** Which of these are news to those who watch all organizations. */
  private hintsOfAny = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private hintTimer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private wholeAt = -Infinity;
  private warnedAt = -Infinity;
  private isStopped = false;
  /** Whether other instances tell of their changes. */
  private isHinted = false;

  constructor(
    readonly versions: WatchedVersions,
    private readonly repository: WatchRepository,
    private readonly environment: Environment,
  ) {}

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.hintTimer);
  }

  /** To be called when somebody begins to watch. */
  start(): void {
    if (this.timer === undefined && !this.isStopped) this.schedule();
  }

  /** Says whether other instances tell of their changes from now on. */
  setHinted(isHinted: boolean): void {
    if (this.isHinted === isHinted) return;
    this.isHinted = isHinted;
    // At once, because something may have been missed.
    if (this.timer !== undefined) this.schedule(0);
  }

  /** Says that there may be a new version. */
  hint({ document, ownerId }: Omit<DocumentVersion, 'version'>): void {
    const isAny = this.versions.isAnyWatched && kindOf(document) === 'organization';
    if (this.isStopped || !(isAny || this.versions.isWatched(document, ownerId))) return;
    this.hints[kindOf(document)].add(ownerId);
    if (isAny) this.hintsOfAny.add(`${document} ${ownerId}`);
    this.hintTimer ??= setTimeout(() => {
      this.hintTimer = undefined;
      const hintsOfAny = this.hintsOfAny;
      this.hintsOfAny = new Set();
      void this.ask((kind) => this.takeHints(kind), hintsOfAny);
    }, GATHER_MS);
  }

  private takeHints(kind: OwnerKind): string | undefined {
    const hints = this.hints[kind];
    const ids = [...hints];
    hints.clear();
    return ids.length === 0 ? undefined : arrayLiteral(ids);
  }

  /** How long there is between two looks. */
  get intervalMs(): number {
    return this.environment.WATCH_POLL_MS ?? (this.isHinted ? POLL_WITH_REDIS_MS : POLL_MS);
  }

  /** There is one timer, also where a look goes on while it is set anew. */
  private schedule(delayMs = this.intervalMs): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.poll(), delayMs);
  }

  private async poll(): Promise<void> {
    if (OWNER_KINDS.every((kind) => this.versions.watchedIds(kind) === undefined)) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.wholeAt = -Infinity;
      return;
    }
    const lookedAt = performance.now();
    const isWhole = lookedAt - this.wholeAt >= WHOLE_MS;
    const backMs = isWhole ? null : OVERLAP_MS + lookedAt - this.lookedAt;
    if (await this.ask((kind) => this.versions.watchedIds(kind), undefined, backMs)) {
      this.lookedAt = lookedAt;
      if (isWhole) this.wholeAt = lookedAt;
    }
    if (!this.isStopped) this.schedule();
  }

  /** What cannot be asked now is asked the next time. @returns whether it could */
  private async ask(
    idsOf: (kind: OwnerKind) => string | undefined,
    hintsOfAny: ReadonlySet<string> = new Set(),
    backMs: number | null = null,
  ): Promise<boolean> {
    const [organizationIds, userIds, system] = OWNER_KINDS.map(idsOf);
    try {
      await Promise.all([
        organizationIds !== undefined && this.askForOrganizations(organizationIds, hintsOfAny, backMs),
        userIds !== undefined && this.askForUsers(userIds, backMs),
        system !== undefined && this.askForSystem(),
      ]);
      return true;
    } catch (error) {
      this.warn(error);
      return false;
    }
  }

  private async askForOrganizations(
    ids: string,
    hintsOfAny: ReadonlySet<string>,
    backMs: number | null,
  ): Promise<void> {
    const tell = (version: DocumentVersion, ageMs: number) => {
      this.versions.tell(version, 'poll', ageMs);
      if (hintsOfAny.has(`${version.document} ${version.ownerId}`)) this.versions.tellAny(version, 'poll', ageMs);
    };
    for (const found of await this.repository.organizationVersions(ids, backMs)) {
      const { id: ownerId, settings, settingsAgeMs, profile, profileAgeMs, policy, policyAgeMs } = found;
      tell({ document: 'organization-settings', ownerId, version: settings }, settingsAgeMs);
      tell({ document: 'organization-profile', ownerId, version: profile }, profileAgeMs);
      tell({ document: 'organization-policy', ownerId, version: policy }, policyAgeMs);
    }
  }

  private async askForSystem(): Promise<void> {
    const { settings, settingsAgeMs, policy, policyAgeMs } = await this.repository.systemVersions();
    const ownerId = SYSTEM_ID;
    this.versions.tell({ document: 'system-settings', ownerId, version: settings }, 'poll', settingsAgeMs);
    this.versions.tell({ document: 'system-policy', ownerId, version: policy }, 'poll', policyAgeMs);
  }

  private async askForUsers(ids: string, backMs: number | null): Promise<void> {
    for (const { id: ownerId, settings, settingsAgeMs } of await this.repository.userVersions(ids, backMs)) {
      this.versions.tell({ document: 'user-settings', ownerId, version: settings }, 'poll', settingsAgeMs);
    }
  }

  private warn(error: unknown): void {
    if (performance.now() - this.warnedAt < WARNING_PAUSE_MS) return;
    this.warnedAt = performance.now();
    this.logger.warn(`The versions of what is watched could not be read; they will be: ${messageOf(error)}`);
  }
}
