import { Injectable } from '@nestjs/common';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import type { Caller } from '../organization/caller.js';
import { WatchService } from '../watch/watch.service.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import type { SettingsDocument } from './settings-owner.js';
import { type CurrentSettings, SettingsService } from './settings.service.js';

export interface Waiting {
  /** For how long at most. */
  readonly ms: number;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
}

/** What a read found at its end. */
export interface WaitedSettings extends CurrentSettings {
  /** For how long nothing was done, in milliseconds. */
  readonly waitedMs: number;
  /** Whether the instance is about to stop, so that the caller had better ask again elsewhere. */
  readonly isDraining: boolean;
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
  async read(
    document: SettingsDocument,
    caller: Caller,
    preconditions: Preconditions,
    { ms, gone }: Waiting,
  ): Promise<WaitedSettings> {
    let current = await this.settings.read(document, caller, preconditions);
    if (current.settings !== null) return { ...current, waitedMs: 0, isDraining: false };
    const isService = caller.kind === 'service';
    const release = this.watch.takePlace({
      kind: 'waiting-read',
      callerId: isService ? caller.serviceId : caller.userId,
      isService,
      organizationId: SETTINGS_DOCUMENTS[document].owner === 'organization' ? current.ownerId : undefined,
    });
    let waitedMs = 0;
    try {
      const until = performance.now() + ms;
      for (;;) {
        const since = performance.now();
        const outcome = await this.watch.waitFor(
          { document, ownerId: current.ownerId, version: current.version },
          until - since,
          gone,
        );
        waitedMs += performance.now() - since;
        if (outcome === 'gone') return { ...current, waitedMs, isDraining: false };
        current = await this.settings.read(document, caller, preconditions);
        if (current.settings !== null || outcome !== 'changed') {
          return { ...current, waitedMs, isDraining: outcome === 'draining' };
        }
      }
    } finally {
      release();
    }
  }
}
