import { Injectable } from '@nestjs/common';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import type { DocumentVersion } from '../history/change-feed.js';
import type { Caller } from '../organization/caller.js';
import { WatchService } from '../watch/watch.service.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import type { SettingsDocument } from './settings-owner.js';
import { type CurrentSettings, SettingsService } from './settings.service.js';

export interface Wait {
  /** For how long at most. */
  readonly ms: number;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
}

/** After so long everything is read again: the caller's right may have ended, or they are in another organization. */
const RECHECK_MS = 30_000;

/** How a wait ended. */
export interface Waited {
  /** For how long nothing was done, in milliseconds. */
  readonly waitedMs: number;
  /** Whether the instance is about to stop, so that the caller had better ask again elsewhere. */
  readonly isDraining: boolean;
}

/** What a read finds that can wait. */
interface Found {
  /** `null` when the caller has this version. */
  readonly settings: string | null;
  /** What it follows from. */
  readonly documents: readonly DocumentVersion[];
  /** The organization that the watch is counted for, if it is for one. */
  readonly organizationId?: string | undefined;
}

/**
 * Lets a read wait until there is something new. While it waits it has no connection and no statement; each look, the
 * last one too, checks anew whether the caller may read.
 */
@Injectable()
export class SettingsWaitingService {
  constructor(
    private readonly settings: SettingsService,
    private readonly watch: WatchService,
  ) {}

  /**
   * @throws TooManyWatchersError
   * @throws WatchUnavailableError
   * @throws what `SettingsService.read` does
   */
  read(
    document: SettingsDocument,
    caller: Caller,
    preconditions: Preconditions,
    wait: Wait,
  ): Promise<CurrentSettings & Waited> {
    const isOfOrganization = SETTINGS_DOCUMENTS[document].owner === 'organization';
    const read = async (since: number) => {
      const current = await this.settings.read(document, { ...caller, since }, preconditions);
      const { ownerId, version } = current;
      return {
        ...current,
        documents: [{ document, ownerId, version }],
        organizationId: isOfOrganization ? ownerId : undefined,
      };
    };
    return this.until(caller, read, wait);
  }

  /**
   * Reads again and again, each time after a change of a document and every 30 s, until the caller does not have what
   * is found.
   *
   * @param read gets when it came to wait, on the clock of `performance.now()`: each look has its own time
   * @throws TooManyWatchersError
   * @throws WatchUnavailableError
   * @throws what the read does
   */
  async until<Result extends Found>(
    caller: Caller,
    read: (since: number) => Promise<Result>,
    { ms, gone }: Wait,
  ): Promise<Result & Waited> {
    let current = await read(caller.since);
    if (current.settings !== null) return { ...current, waitedMs: 0, isDraining: false };
    const isService = caller.kind === 'service';
    const release = this.watch.takePlace({
      kind: 'waiting-read',
      callerId: isService ? caller.serviceId : caller.userId,
      isService,
      organizationId: current.organizationId,
    });
    let waitedMs = 0;
    try {
      const until = performance.now() + ms;
      for (;;) {
        const since = performance.now();
        const outcome = await this.watch.waitFor(current.documents, Math.min(until - since, RECHECK_MS), gone);
        waitedMs += performance.now() - since;
        if (outcome === 'gone') return { ...current, waitedMs, isDraining: false };
        current = await read(performance.now());
        if (current.settings !== null || outcome === 'draining' || performance.now() >= until) {
          return { ...current, waitedMs, isDraining: outcome === 'draining' };
        }
      }
    } finally {
      release();
    }
  }
}
