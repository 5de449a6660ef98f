import { isDeepStrictEqual } from 'node:util';
import type { Document, DocumentModel, JsonObject } from './document-model.js';
import { describeEntry, type Entry, outcomeOf } from './history.js';
import { KINDS, type Stage, type StageDocument } from './stage.js';

/** A change as the service kept it. */
export interface KeptChange {
  readonly version: number;
  readonly requestId: string;
}

export interface Kept {
  readonly changes: readonly KeptChange[];
  /** The document itself, and what the changes lead to. */
  readonly current: Document;
  readonly replayed: JsonObject;
}

export async function readKept({ sql }: Stage, { kind, ownerId }: StageDocument): Promise<Kept> {
  const { rows } = await sql.query<{ version: string; requestId: string }>(
    `select version, request_id as "requestId" from ${KINDS[kind].changes} order by version`,
    [ownerId],
  );
  const current = await sql.query<{ version: string; settings: JsonObject; replayed: JsonObject }>(
    KINDS[kind].current,
    [ownerId],
  );
  const [row] = current.rows;
  return {
    changes: rows.map(({ version, requestId }) => ({ version: Number(version), requestId })),
    current: { version: Number(row?.version ?? 0), settings: row?.settings ?? {} },
    replayed: row?.replayed ?? {},
  };
}

/**
 * Says what is wrong with the changes that the database kept of one document, compared with what its clients saw:
 *
 * 1. versions without a gap, up to the document's own, and replaying the changes gives the document;
 * 2. no request made two changes;
 * 3. an acknowledged request has exactly one change, with the version that its reply named; or none, where it could
 *    make no difference to the document in that version;
 * 4. a request that was refused, or never sent, and a read have none;
 * 5. the requests, one after the other in the order of their versions, make of nothing the document: the model's word.
 *
 * @returns one sentence for each thing that is wrong
 */
export function problemsOf(
  { changes, current, replayed }: Kept,
  entries: readonly Entry[],
  model: DocumentModel,
): string[] {
  const problems: string[] = [];
  if (!isDeepStrictEqual(replayed, current.settings))
    problems.push('Replaying the changes does not give the document.');
  if (changes.some(({ version }, place) => version !== place + 1)) problems.push('The versions have a gap.');
  if (changes.length !== current.version) {
    problems.push(`There are ${changes.length} changes, and the document is in version ${current.version}.`);
  }

  const requests = new Map(entries.map((entry) => [entry.id, entry]));
  const madeBy = new Map<string, KeptChange>();
  const documents: Document[] = [model.initial];
  for (const change of changes) {
    const { version, requestId } = change;
    const request = requests.get(requestId);
    if (madeBy.has(requestId))
      problems.push(`Versions ${madeBy.get(requestId)!.version} and ${version} are of one request.`);
    madeBy.set(requestId, change);
    const before = documents.at(-1)!;
    if (request === undefined) {
      problems.push(`Version ${version} is of no request that was made.`);
      documents.push({ ...before, version });
      continue;
    }
    const { state } = model.step(before, request.input);
    if (state === before) problems.push(`Version ${version} should have changed nothing: ${describeEntry(request)}`);
    documents.push(state === before ? { ...before, version } : state);
  }
  if (!isDeepStrictEqual(documents.at(-1)!.settings, current.settings)) {
    problems.push('The requests, in the order of their versions, do not make the document.');
  }

  for (const entry of entries) {
    const problem = problemOf(entry, madeBy.get(entry.id), documents, model);
    if (problem !== undefined) problems.push(`${problem} ${describeEntry(entry)}`);
  }
  return problems;
}

function problemOf(
  entry: Entry,
  change: KeptChange | undefined,
  documents: readonly Document[],
  model: DocumentModel,
): string | undefined {
  const { input, output } = entry;
  const isAcknowledged = output?.status === 200 && input.kind !== 'read';
  if (!isAcknowledged) {
    const mayHaveChanged = output === undefined && entry.isUnsent !== true && input.kind !== 'read';
    return change === undefined || mayHaveChanged ? undefined : 'A request that changed nothing has a change:';
  }
  if (change !== undefined) {
    return change.version === output.version ? undefined : `The change has version ${change.version}:`;
  }
  const before = documents[output.version];
  const madeNoDifference = before !== undefined && model.step(before, input).state === before;
  return madeNoDifference ? undefined : 'An acknowledged change is missing:';
}

/** How many requests without an answer did make their change all the same, by why there was no answer. */
export function changesWithoutAnswer({ changes }: Kept, entries: readonly Entry[]): Map<string, number> {
  const made = new Set(changes.map(({ requestId }) => requestId));
  const counts = new Map<string, number>();
  for (const entry of entries.filter(({ id, output }) => output === undefined && made.has(id))) {
    counts.set(outcomeOf(entry), (counts.get(outcomeOf(entry)) ?? 0) + 1);
  }
  return counts;
}
