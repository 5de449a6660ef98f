import type { BrokenExample, Impact } from '../layers/impact.js';

const MAX_PATHS = 100;
const MAX_EXAMPLES = 10;

/** A number of people below this is not told: it may tell who they are. */
const MIN_TOLD = 5;

/** Adds up whom a change would touch, and knows when that has taken long enough. */
export class ImpactTally {
  /** How many members there are. */
  total = 0;
  private visited = 0;
  private changed = 0;
  private broken = 0;
  private readonly paths = new Map<string, number>();
  private readonly examples = new Map<string, BrokenExample>();
  private longestMs = 0;

  /** @param until on the clock of `performance.now()` */
  constructor(private readonly until: number) {}

  /** Whether another lap like the longest would end too late. */
  get isOver(): boolean {
    return performance.now() + this.longestMs >= this.until;
  }

  /** @returns to be called with how many members were looked at since */
  startLap(): (members: number) => void {
    const since = performance.now();
    return (members) => {
      this.visited += members;
      this.longestMs = Math.max(this.longestMs, performance.now() - since);
    };
  }

  add({ changed, paths, broken, examples }: Impact): void {
    this.changed += changed;
    this.broken += broken;
    for (const [path, count] of paths) this.paths.set(path, (this.paths.get(path) ?? 0) + count);
    for (const example of examples) this.examples.set(`${example.pointer} ${example.rule}`, example);
  }

  /** The text of an object. */
  get text(): string {
    const paths = [...this.paths].sort(([, one], [, other]) => other - one).slice(0, MAX_PATHS);
    return JSON.stringify({
      members: this.total,
      ...told('changed', this.changed),
      paths: paths.map(([path, count]) => ({ path, ...told('members', count) })),
      violations: { ...told('documents', this.broken), examples: [...this.examples.values()].slice(0, MAX_EXAMPLES) },
      ...(this.visited < this.total && { sampled: this.visited }),
    });
  }
}

function told(name: string, count: number): object {
  return count === 0 || count >= MIN_TOLD ? { [name]: count } : { [name]: null, below: MIN_TOLD };
}
