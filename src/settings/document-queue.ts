import { UnavailableError } from '../common/errors/common.errors.js';
import { TimedQueue } from '../database/timed-queue.js';

interface Waiting {
  readonly document: string;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How many changes of one document may wait. */
const MAX_WAITING = 64;

/** Has changes of one document made one after the other, in the order in which they came. */
export class DocumentQueue {
  private readonly waiting = new TimedQueue<Waiting>();
  private readonly busy = new Set<string>();

  /** Whether a change of the document is being made. */
  isBusy(document: string): boolean {
    return this.busy.has(document);
  }

  /**
   * @param since when the change came, on the clock of `performance.now()`
   * @throws UnavailableError when it waited too long, or too many wait
   */
  async run<Result>(document: string, since: number, work: () => Promise<Result>): Promise<Result> {
    if (this.busy.has(document)) await this.turn(document, since);
    else this.busy.add(document);
    try {
      return await work();
    } finally {
      const [next] = this.waiting.take(
        1,
        (one) => one.document === document,
        () => document,
      );
      if (next === undefined) this.busy.delete(document);
      else next.resolve();
    }
  }

  private turn(document: string, since: number): Promise<void> {
    if (this.waiting.count((one) => one.document === document) >= MAX_WAITING) throw new UnavailableError();
    return new Promise((resolve, reject) => this.waiting.push({ document, since, resolve, reject }));
  }
}
