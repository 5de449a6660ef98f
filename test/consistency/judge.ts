import { type Document, documentModel } from './document-model.js';
import { type Entry, sentTo, until } from './history.js';
import { changesWithoutAnswer, type Kept, problemsOf, readKept } from './kept-changes.js';
import { checkLinearizability, type DeadEnd, type Verdict } from './linearizability.js';
import type { Recording } from './record.js';
import type { Stage } from './stage.js';

/** The version that a request made, as the database has it: which of many orders the checker tries first. */
type Hint = (entry: Entry) => number | undefined;

/** What is to be said of one document after a run. */
export interface Judgement {
  readonly document: string;
  readonly requests: number;
  readonly versions: number;
  readonly verdict: Verdict<Document, Entry>;
  readonly hintOf: Hint;
  /** What the database holds and should not, or the other way round. */
  readonly problems: readonly string[];
  /** Requests that were not answered and made their change all the same, by why they were not. */
  readonly changesWithoutAnswer: ReadonlyMap<string, number>;
}

/** Checks each document by what its clients saw, and by what the database holds of it. */
export async function judge(stage: Stage, { entries }: Recording): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  for (const document of stage.documents) {
    const own = entries.filter((entry) => entry.document === document.name);
    const sent = sentTo(document.name, entries);
    const kept = await readKept(stage, document);
    const hintOf = hintsFrom(kept);
    judgements.push({
      document: document.name,
      requests: sent.length,
      versions: kept.current.version,
      verdict: checkLinearizability(documentModel, sent, { hintOf }),
      hintOf,
      problems: problemsOf(kept, own),
      changesWithoutAnswer: changesWithoutAnswer(kept, own),
    });
  }
  return judgements;
}

function hintsFrom({ changes }: Kept): Hint {
  const versions = new Map(changes.map(({ requestId, version }) => [requestId, version]));
  return ({ id }) => versions.get(id);
}

export function isSound({ verdict, problems }: Judgement): boolean {
  return verdict.kind === 'linearizable' && problems.length === 0;
}

export interface Counterexample extends DeadEnd<Document, Entry> {
  /** The first answer that cannot be explained, whatever order the requests before it had. */
  readonly culprit: Entry;
}

/**
 * The shortest beginning of a history that cannot be ordered. Every beginning of a linearizable history is
 * linearizable, so halving finds it.
 */
export function shortestViolation(history: readonly Entry[], hintOf: Hint): Counterexample {
  const returns = history
    .filter(({ output }) => output !== undefined)
    .toSorted((one, other) => one.returned - other.returned);
  const verdictAt = (place: number) =>
    checkLinearizability(documentModel, until(returns[place]!.returned, history), { hintOf });
  let low = 0;
  let high = returns.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (verdictAt(middle).kind === 'violated') high = middle;
    else low = middle + 1;
  }
  const verdict = verdictAt(low);
  if (verdict.kind === 'linearizable') throw new Error('The history has no violation');
  // As they were answered in the end.
  const whole = new Map(history.map((entry) => [entry.id, entry]));
  const asRecorded = (entries: readonly Entry[]) => entries.map(({ id }) => whole.get(id)!);
  return { ...verdict, order: asRecorded(verdict.order), stuck: asRecorded(verdict.stuck), culprit: returns[low]! };
}
