import { TooManyWatchersError, WatchUnavailableError } from './watch.errors.js';

export interface WatchLimits {
  /** For a user; a service account, behind which many processes stand, has ten times as many. */
  readonly perCaller: number;
  readonly perOrganization: number;
  readonly total: number;
}

export const WATCHER_KINDS = ['stream', 'waiting-read'] as const;

export type WatcherKind = (typeof WATCHER_KINDS)[number];

/** Who watches, and on behalf of whom it is counted. */
export interface WatcherParties {
  readonly kind: WatcherKind;
  readonly callerId: string;
  readonly isService: boolean;
  /** The organization whose documents are watched, if it is one. */
  readonly organizationId?: string | undefined;
}

const SERVICE_FACTOR = 10;

/** Counts who watches at this instance, and keeps the number within bounds. */
export class WatchPlaces {
  private readonly ofCaller = new Map<string, number>();
  private readonly ofOrganization = new Map<string, number>();
  private readonly ofKind: Record<WatcherKind, number> = { stream: 0, 'waiting-read': 0 };

  constructor(private readonly limits: WatchLimits) {}

  get counts(): Readonly<Record<WatcherKind, number>> {
    return this.ofKind;
  }

  /**
   * @returns gives the place back; may be called again
   * @throws TooManyWatchersError
   * @throws WatchUnavailableError
   */
  take({ kind, callerId, isService, organizationId }: WatcherParties): () => void {
    const { perCaller, perOrganization, total } = this.limits;
    const most = isService ? perCaller * SERVICE_FACTOR : perCaller;
    if (this.ofKind.stream + this.ofKind['waiting-read'] >= total) throw new WatchUnavailableError();
    if ((this.ofCaller.get(callerId) ?? 0) >= most) throw new TooManyWatchersError(most, 'caller');
    if (organizationId !== undefined && (this.ofOrganization.get(organizationId) ?? 0) >= perOrganization) {
      throw new TooManyWatchersError(perOrganization, 'organization');
    }
    const add = (by: 1 | -1) => {
      this.ofKind[kind] += by;
      count(this.ofCaller, callerId, by);
      if (organizationId !== undefined) count(this.ofOrganization, organizationId, by);
    };
    add(1);
    let isTaken = true;
    return () => {
      if (isTaken) add(-1);
      isTaken = false;
    };
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}
