import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { ChangeFeed, type DocumentVersion } from '../history/change-feed.js';
import { Metrics } from '../observability/metrics.js';
import { isNewer, kindOf, type Source, SOURCES } from './watched-versions.js';
import { WatchPlaces, type WatcherParties } from './watch-places.js';
import { WatchPollerService } from './watch-poller.service.js';

/** Within which time after SIGTERM all who wait are told to ask elsewhere, in milliseconds. */
export const DRAIN_MS = 2_500;

/** Why a wait ended. */
export type WaitOutcome = 'changed' | 'time-up' | 'draining' | 'gone';

/** Lets requests wait for another version of a document, with no connection and no statement of their own. */
@Injectable()
export class WatchService implements OnModuleDestroy {
  readonly places: WatchPlaces;
  /** Told when the instance is about to stop. */
  private readonly drainListeners = new Set<() => void>();
  private hasBegunDraining = false;
  private readonly countNotification: (source: Source) => void;
  private readonly observeDelay: (seconds: number) => void;

  constructor(
    private readonly poller: WatchPollerService,
    feed: ChangeFeed,
    metrics: Metrics,
    environment: Environment,
  ) {
    this.places = new WatchPlaces({
      perCaller: environment.WATCH_PER_CALLER,
      perOrganization: environment.WATCH_PER_ORGANIZATION,
      total: environment.WATCH_MAX,
    });
    feed.subscribe((made) => poller.versions.tell(made, 'own', 0));
    metrics.gaugeBy('settings_watchers', 'Streams and waiting reads that are open, by kind.', 'kind', () => ({
      ...this.places.counts,
    }));
    this.countNotification = metrics.countByKind(
      'settings_notifications_total',
      'New versions that watchers were told, by where this instance knew them from.',
      'source',
      SOURCES,
    );
    this.observeDelay = metrics.histogram(
      'settings_notification_delay_seconds',
      'Time from a change to the moment at which a watcher was told.',
      [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10],
    );
  }

  onModuleDestroy(): void {
    this.hasBegunDraining = true;
    for (const drain of this.drainListeners) drain();
  }

  get isDraining(): boolean {
    return this.hasBegunDraining;
  }

  /**
   * Waits until one of the documents is in a newer version than here.
   *
   * @param ms how long at most
   * @param gone aborted when nobody waits any more
   */
  waitFor(known: readonly DocumentVersion[], ms: number, gone: AbortSignal): Promise<WaitOutcome> {
    const { versions } = this.poller;
    const until = performance.now() + ms;
    return new Promise((resolve) => {
      let timer = setTimeout(() => end('time-up'), ms);
      const unsubscribes = known.map(({ document, ownerId, version }) =>
        versions.subscribe(kindOf(document), ownerId, (found, source, ageMs) => {
          if (found.document !== document || !isNewer(found.version, version)) return;
          this.countTold(source, ageMs);
          end('changed');
        }),
      );
      const drain = () => {
        clearTimeout(timer);
        // Not all at once, so that they do not come back all at once.
        timer = setTimeout(() => end('draining'), Math.min(until - performance.now(), Math.random() * DRAIN_MS));
      };
      const leave = () => end('gone');
      const end = (outcome: WaitOutcome) => {
        clearTimeout(timer);
        for (const unsubscribe of unsubscribes) unsubscribe();
        this.drainListeners.delete(drain);
        gone.removeEventListener('abort', leave);
        resolve(outcome);
      };
      this.drainListeners.add(drain);
      gone.addEventListener('abort', leave);
      const isThere = known.some(({ document, ownerId, version }) => {
        const newest = versions.newest(document, ownerId);
        return newest !== undefined && isNewer(newest, version);
      });
      if (gone.aborted) end('gone');
      else if (isThere) end('changed');
      else if (this.isDraining) end('draining');
      else this.poller.start();
    });
  }

  /** To be called when a watcher was told of a version that had been there for so long. */
  countTold(source: Source, ageMs: number): void {
    this.countNotification(source);
    this.observeDelay(Math.max(0, ageMs) / 1000);
  }

  /** @throws TooManyWatchersError @throws WatchUnavailableError */
  takePlace(parties: WatcherParties): () => void {
    return this.places.take(parties);
  }
}
