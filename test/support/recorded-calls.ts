import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipeline } from '../../src/database/connection-pool.js';
import {
  type BatchLimits,
  LockedError,
  type Locking,
  QueryBatcher,
  type SingleReason,
} from '../../src/database/query-batcher.js';

/** A call is a text: the name of its row and, after it, how it ends. */
type Call = readonly [row: string, ending: string, callerId?: string];

/** How calls share executions. */
type Sharing = Omit<BatchLimits, 'waitingOfOwner' | 'isPipelined'> & Partial<Pick<BatchLimits, 'isPipelined'>>;

/**
 * Executes calls and writes down what went together; a call's ending says whether it fails, never ends, or must run
 * alone.
 */
export function recorded(
  limits: Sharing,
  locking?: Pick<Locking<Call, string>, 'executeSingle'>,
  begun: string[] = [],
) {
  const executions: string[][] = [];
  const pipelines: Pipeline[] = [];
  let running = 0;
  let maxRunning = 0;
  const executeShared = async (calls: readonly Call[], _: number, pipeline: Pipeline) => {
    const texts = calls.map(textOf);
    queueMicrotask(() => (pipeline.connection = { running: 1 } as Pipeline['connection']));
    executions.push(texts);
    pipelines.push(pipeline);
    begun.push(...texts);
    maxRunning = Math.max(maxRunning, ++running);
    await sleep(5);
    if (texts.some((text) => text.endsWith('forever'))) await new Promise(() => undefined);
    running--;
    if (texts.some((text) => text.endsWith('blocked'))) throw new LockedError();
    if (texts.some((text) => text.endsWith('wrong'))) throw Object.assign(new Error('wrong'), { code: '22003' });
    return texts;
  };
  const batcher = new QueryBatcher<Call, string>({
    limits: { isPipelined: false, ...limits, waitingOfOwner: 64 },
    partiesOf: ([row, , callerId = 'caller']) => ({ ownerId: row, callerId }),
    executeShared,
    isHeavy: (text) => text.endsWith('heavy'),
    admitHeavy: ([row]) => Promise.resolve(`${row} elsewhere`),
    ...(locking && {
      locking: { ...locking, isLocked: (text: string) => text.endsWith('locked') },
    }),
  });
  const execute = (row: string, ending: string, alone?: SingleReason, callerId?: string) =>
    batcher.execute([row, ending, callerId], alone);
  return { execute, executions, pipelines, maxRunning: () => maxRunning };
}

function textOf([row, ending]: Call): string {
  return `${row}${ending}`;
}

/** The same with locks. Calls that run alone end when `unlock` is called. `begun` has all, in the order they began. */
export function locking(limits: Sharing) {
  const alone: string[] = [];
  const begun: string[] = [];
  let unlock!: () => void;
  const unlocked = new Promise<void>((resolve) => (unlock = resolve));
  const executeSingle = async (call: Call) => {
    alone.push(textOf(call));
    begun.push(textOf(call));
    await unlocked;
    return `${call[0]} alone`;
  };
  return { alone, begun, unlock, ...recorded(limits, { executeSingle }, begun) };
}
