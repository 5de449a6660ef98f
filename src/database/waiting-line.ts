import { UnavailableError } from '../common/errors/common.errors.js';

/** How long somebody waits for their turn, in milliseconds; after that they are told to come back later. */
const PATIENCE_MS = 5_000;

interface Waiting {
  readonly reject: (error: unknown) => void;
}

/** Those who wait for their turn, in the order in which they came. Who waits in vain is refused with `UnavailableError`. */
export class WaitingLine<One extends Waiting> {
  private line: { readonly one: One; readonly since: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  get length(): number {
    return this.line.length;
  }

  push(one: One): void {
    this.line.push({ one, since: performance.now() });
    this.timer ??= setTimeout(() => this.refuseTheLate(), PATIENCE_MS).unref();
  }

  shift(): One | undefined {
    return this.line.shift()?.one;
  }

  /** Takes out the first ones that are wanted, so many at most. */
  take(most: number, isWanted: (one: One) => boolean = () => true): One[] {
    const taken: One[] = [];
    this.line = this.line.filter(({ one }) => {
      const isTaken = taken.length < most && isWanted(one);
      if (isTaken) taken.push(one);
      return !isTaken;
    });
    return taken;
  }

  /** Tells all that their turn will not come. */
  refuse(error: unknown): void {
    for (const { one } of this.line.splice(0)) one.reject(error);
  }

  private refuseTheLate(): void {
    this.timer = undefined;
    const latest = performance.now() - PATIENCE_MS;
    while (this.line.length > 0 && this.line[0]!.since <= latest) this.shift()!.reject(new UnavailableError());
    if (this.line.length > 0) {
      this.timer = setTimeout(() => this.refuseTheLate(), this.line[0]!.since - latest).unref();
    }
  }
}
