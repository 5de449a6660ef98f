import { type Document, type DocumentModel, documentModel, modelOf } from './document-model.js';
import { type Entry, sentTo, until } from './history.js';
import { layerOf, problemsOfJudging } from './judged-results.js';
import { changesWithoutAnswer, type Kept, problemsOf, readKept } from './kept-changes.js';
import { checkLinearizability, type DeadEnd, type Verdict } from './linearizability.js';
import type { Recording } from './record.js';
import { refusalOf } from './policy-model.js';
import type { Stage, StageDocument } from './stage.js';

/** The version that a request made, as the database has it: which of many orders the checker tries first. */
type Hint = (entry: Entry) => number | undefined;

/** What is to be said of one document after a run. */
export interface Judgement {
  readonly document: string;
  readonly requests: number;
  readonly versions: number;
  readonly verdict: Verdict<Document, Entry>;
  readonly hintOf: Hint;
  /** What the verdict is about, and the requests that it is about. */
  readonly model: DocumentModel;
  readonly history: readonly Entry[];
  /** What the database holds and should not, or the other way round. */
  readonly problems: readonly string[];
  /** Requests that were not answered and made their change all the same, by why they were not. */
  readonly changesWithoutAnswer: ReadonlyMap<string, number>;
}

/**
 * Checks each document by what its clients saw, and by what the database holds of it. Where policies stay as they are
 * the model knows them. Where they change, a write may be judged by a policy that is already, or not yet, replaced:
 * then refusals have no place in the order, and each result is compared with the policies of its time.
 */
export async function judge(stage: Stage, { entries }: Recording): Promise<Judgement[]> {
  const all: { document: StageDocument; kept: Kept; own: Entry[] }[] = [];
  for (const document of [...stage.documents, ...stage.policies]) {
    const own = entries.filter((entry) => entry.document === document.name);
    all.push({ document, kept: await readKept(stage, document), own });
  }
  return all.map(({ document, kept, own }) => {
    const isChanging = stage.arePolicies === 'changing';
    const model = isChanging ? documentModel : modelUnder(document);
    const sent = sentTo(document.name, entries);
    const history = isChanging ? sent.filter(({ output }) => !isRefused(output)) : sent;
    const hintOf = hintsFrom(kept);
    const binding = all.filter((other) => document.policies.some((policy) => policy === other.document));
    return {
      document: document.name,
      requests: sent.length,
      versions: kept.current.version,
      verdict: checkLinearizability(model, history, { hintOf }),
      hintOf,
      model,
      history,
      problems: [
        ...problemsOf(kept, own, model),
        ...(isChanging ? problemsOfJudging(document, { kept, own }, binding) : []),
      ],
      changesWithoutAnswer: changesWithoutAnswer(kept, own),
    };
  });
}

function modelUnder(document: StageDocument): DocumentModel {
  const policies = document.policies.map(({ first }) => first);
  return modelOf((before, after) => refusalOf(layerOf(document), policies, before, after));
}

function isRefused(output: Entry['output']): boolean {
  return output?.status === 400 || output?.status === 403;
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
  readonly model: DocumentModel;
}

/**
 * The shortest beginning of a history that cannot be ordered. Every beginning of a linearizable history is
 * linearizable, so halving finds it.
 */
export function shortestViolation({ history, hintOf, model }: Judgement): Counterexample {
  const returns = history
    .filter(({ output }) => output !== undefined)
    .toSorted((one, other) => one.returned - other.returned);
  const verdictAt = (place: number) =>
    checkLinearizability(model, until(returns[place]!.returned, history), { hintOf });
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
  return {
    ...verdict,
    order: asRecorded(verdict.order),
    stuck: asRecorded(verdict.stuck),
    culprit: returns[low]!,
    model,
  };
}
