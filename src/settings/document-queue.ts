import { TimedQueue, type QueueEntry } from '../database/timed-queue.js';

interface WaitingChange extends QueueEntry {
  readonly resolve: () => void;
}

/** How many changes of one document may wait. */
const MAX_WAITING = 64;

/** Has changes of one document made one after the other; callers take turns. */
export class DocumentQueue {
  private readonly waiting = new TimedQueue<WaitingChange>(MAX_WAITING, {
    busy: 'too many changes wait to be checked by policies',
  });
  private readonly busy = new Set<string>();

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** How many changes of one caller wait. */
  waitingOf(callerId: string): number {
    return this.waiting.countOf(callerId);
  }

  /** Whether a change of the document is being made. */
  isBusy(document: string): boolean {
    return this.busy.has(document);
  }

  /**
   * @param since when the change came, on the clock of `performance.now()`
   * @throws UnavailableError when it waited too long, or too many wait
   */
  async run<Result>(document: string, callerId: string, since: number, work: () => Promise<Result>): Promise<Result> {
    if (this.busy.has(document)) await this.turn(document, callerId, since);
    else this.busy.add(document);
    try {
      return await work();
    } finally {
      const [next] = this.waiting.take(1, ({ ownerId }) => ownerId === document);
      if (next === undefined) this.busy.delete(document);
      else next.resolve();
    }
  }

  private turn(document: string, callerId: string, since: number): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ ownerId: document, callerId, since, resolve, reject }));
  }
}
