import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { UnavailableError } from '../common/errors/common.errors.js';
import { Admission } from '../database/admission.js';
import type { Parties, WaitingParties } from '../database/parties.js';
import type { Ready, Result, SchemaReference, Task } from './policy-worker.js';

/** How long a thread may work on a schema, in milliseconds of processor time. */
const MAX_COMPILE_MS = 250;
const MAX_CHECK_MS = 100;
const MAX_IMPACT_MS = 1_000;
const MAX_FOLD_MS = 2_000;

/** After this many times that long on the clock, it is the machine that is too slow, and not the schema. */
const PATIENCE = 20;

/** How soon the processor time of a thread is looked at again, at least. */
const MIN_LOOK_MS = 5;

const THREADS = 2;

/** For the heap of one thread. */
const MAX_MEMORY_MB = 64;

/** For how long threads may work in a minute for one owner, and for one caller; and how many tasks of one may wait. */
const OWNER_MS = 10_000;
const CALLER_MS = 4_000;
const MAX_WAITING = 256;

/** The same of large documents that are folded, of which each that waits has its texts. */
const MAX_FOLDS_WAITING = 16;
const FOLDS_OWNER_MS = 20_000;

/** How many schemas are remembered that a thread was given: as many as it keeps. */
const MAX_KNOWN = 200;

/** For how long an owner is suspect whose task was ended, and how many are remembered. */
const SUSPECT_MS = 60_000;
const MAX_SUSPECTS = 10_000;

/** The task did not end within its time or its memory. */
export interface TooMuch {
  readonly status: 'too-much';
}

/** What became of a task. */
export type Outcome = Exclude<Result, { readonly status: 'unknown-schema' }> | TooMuch;

interface Thread {
  readonly worker: Worker;
  /** The file with its processor time, where there is one. */
  readonly schedstat: string | null;
  /** The schemas that it was given to check by and has not forgotten, as far as can be known from here. */
  readonly known: LRUCache<string, true>;
}

/**
 * Runs schemas that tenants wrote in threads, and ends a thread whose task takes too long or too much memory.
 *
 * 1. Owners take turns, and each has one task at a time.
 * 2. Owners whose task was ended share one further thread for a minute, so that they delay only each other.
 * 3. Large documents are folded here, too, one after the other, because that takes too long for the main thread.
 */
export class PolicySandbox {
  private readonly admission = checks(THREADS);
  private readonly suspectAdmission = checks(1);
  private readonly foldAdmission = new Admission(
    { running: 1, waiting: MAX_FOLDS_WAITING, callerTime: CALLER_MS, ownerTime: FOLDS_OWNER_MS },
    { busy: 'too many reads of large settings wait', time: 'time for reads of large settings' },
  );
  private readonly suspects = new LRUCache<string, true>({ max: MAX_SUSPECTS, ttl: SUSPECT_MS });
  private readonly idle: Thread[] = [];
  private readonly workers = new Set<Worker>();

  /** @param program the built `policy-worker.js` */
  constructor(private readonly program = new URL('./policy-worker.js', import.meta.url)) {}

  /**
   * @throws UnavailableError when too much waits for the owner, or the machine is too busy
   * @throws TimeExceededError when the owner has used up their time
   */
  async run(parties: WaitingParties, task: Task): Promise<Outcome> {
    const work = async () => {
      const thread = this.takeIdle(task) ?? (await this.start());
      const first = await this.execute(thread, withoutKnown(task, thread));
      if (first.status !== 'out-of-memory' && first.status !== 'unknown-schema') return first;
      // It may have forgotten the schema, or its memory was taken by those of others.
      const second = await this.execute(this.takeIdle(task) ?? (await this.start()), task);
      return second.status === 'out-of-memory' || second.status === 'unknown-schema'
        ? ({ status: 'too-much' } as const)
        : second;
    };
    const outcome = await this.admissionOf(parties, task).run(parties, work, parties.since);
    if (outcome.status === 'too-much') this.suspects.set(parties.ownerId, true);
    return outcome;
  }

  private admissionOf({ ownerId }: Parties, { kind }: Task): Admission {
    if (kind === 'fold') return this.foldAdmission;
    return this.suspects.has(ownerId) ? this.suspectAdmission : this.admission;
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  /** One that knows the task's schemas or else, so that the others keep what they know, the one that knows least. */
  private takeIdle(task: Task): Thread | undefined {
    const [best] = [...this.idle].sort(
      (one, other) => Number(knows(other, task)) - Number(knows(one, task)) || one.known.size - other.known.size,
    );
    if (best !== undefined) this.idle.splice(this.idle.indexOf(best), 1);
    return best;
  }

  private start(): Promise<Thread> {
    const worker = new Worker(this.program, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB, maxYoungGenerationSizeMb: MAX_MEMORY_MB / 8 },
    });
    worker.unref();
    this.workers.add(worker);
    worker.once('exit', () => {
      this.workers.delete(worker);
      const at = this.idle.findIndex((thread) => thread.worker === worker);
      if (at >= 0) this.idle.splice(at, 1);
    });
    // The task that waits for the thread gets the error; nobody waits for an idle thread.
    worker.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', ({ threadId }: Ready) => {
        worker.off('error', reject);
        const schedstat = threadId === null ? null : `/proc/self/task/${threadId}/schedstat`;
        resolve({
          worker,
          schedstat: schedstat !== null && isReadable(schedstat) ? schedstat : null,
          known: new LRUCache({ max: MAX_KNOWN }),
        });
      });
    });
  }

  private execute(thread: Thread, task: Task): Promise<Result | TooMuch | { readonly status: 'out-of-memory' }> {
    const { worker, known } = thread;
    const limitMs = limitOf(task);
    const since = performance.now();
    const spentBefore = spentMs(thread);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout;
      const look = () => {
        const spent = spentMs(thread) - spentBefore;
        if (spent >= limitMs) {
          end();
          // Whose task it was waits for the next thread, too, and not whoever comes next.
          void worker
            .terminate()
            .then(() => this.start())
            .then((next) => {
              this.idle.push(next);
              resolve({ status: 'too-much' });
            }, reject);
        } else if (performance.now() - since >= limitMs * PATIENCE) {
          end();
          worker.terminate().then(() => reject(new UnavailableError('the machine is too busy for policies')), reject);
        } else {
          timer = setTimeout(look, Math.max(MIN_LOOK_MS, limitMs - spent));
        }
      };
      const succeed = (result: Result) => {
        end();
        if (task.kind === 'check') for (const { id } of task.schemas) known.set(id, true);
        if (result.status === 'unknown-schema') known.clear();
        this.idle.push(thread);
        resolve(result);
      };
      const fail = (error: Error & { code?: string }) => {
        end();
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve({ status: 'out-of-memory' });
        else reject(error);
      };
      const end = () => {
        clearTimeout(timer);
        worker.off('message', succeed).off('error', fail);
      };
      worker.once('message', succeed).once('error', fail);
      timer = setTimeout(look, limitMs);
      worker.postMessage(task);
    });
  }
}

function checks(running: number): Admission {
  return new Admission(
    { running, waiting: MAX_WAITING, callerTime: CALLER_MS, ownerTime: OWNER_MS },
    { busy: 'too many changes wait to be checked by policies', time: 'time for checks by policies' },
  );
}

function knows({ known }: Thread, task: Task): boolean {
  return schemasOf(task).every(({ id }) => known.has(id));
}

function schemasOf(task: Task): readonly SchemaReference[] {
  if (task.kind === 'fold') return [];
  return task.kind === 'compile' ? [task.schema] : task.schemas;
}

/** The task without the texts of schemas that the thread knows. */
function withoutKnown(task: Task, { known }: Thread): Task {
  if (task.kind !== 'check') return task;
  return {
    ...task,
    schemas: task.schemas.map(({ id, text }) => (known.has(id) || text === undefined ? { id } : { id, text })),
  };
}

function limitOf(task: Task): number {
  if (task.kind === 'fold') return MAX_FOLD_MS;
  if (task.kind === 'compile') return MAX_COMPILE_MS;
  const workMs = task.kind === 'impact' ? MAX_IMPACT_MS : MAX_CHECK_MS;
  return workMs + task.schemas.filter(({ text }) => text !== undefined).length * MAX_COMPILE_MS;
}

/** The processor time of a thread, or else the time on the clock, in milliseconds. */
function spentMs({ schedstat }: Thread): number {
  if (schedstat === null) return performance.now();
  try {
    return Number(readFileSync(schedstat, 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    // It has just ended by itself, as its `error` will say.
    return -Infinity;
  }
}

function isReadable(file: string): boolean {
  try {
    return /^\d+ /.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}
