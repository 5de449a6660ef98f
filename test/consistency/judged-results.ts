import type { Document } from './document-model.js';
import { documentModel, type JsonObject } from './document-model.js';
import { describeEntry, type Entry } from './history.js';
import type { Kept } from './kept-changes.js';
import { type Layer, refusalOf } from './policy-model.js';
import type { StageDocument } from './stage.js';

/** A version of a document, and when it can have been the current one: the numbers of events. */
interface Version extends Document {
  readonly since: number;
  readonly until: number;
  /** The request that made it; there is none of the first one. */
  readonly by?: Entry;
}

interface Recorded {
  readonly kept: Kept;
  readonly own: readonly Entry[];
}

export function layerOf({ kind }: StageDocument): Layer {
  return kind === 'user-settings' ? 'user' : 'organization';
}

/**
 * Says what is wrong with the results of a document whose policies change meanwhile. A policy that comes at the same
 * moment as a write may be earlier or later than it. So
 *
 * 1. each stored version is allowed, as it is stored and from the version before, by policies that can all have been
 *    in force between the call and the return of the request that made it;
 * 2. each refusal fits some version of the document and policies that can have been there at the time of the request.
 *
 * @returns one sentence for each thing that is wrong
 */
export function problemsOfJudging(document: StageDocument, of: Recorded, binding: readonly Recorded[]): string[] {
  const layer = layerOf(document);
  const versions = timelineOf(of);
  const policies = binding.map(timelineOf);
  const inForce = (entry: Entry) => combinationsOf(policies.map((policy) => duringOf(entry, policy)));
  const problems: string[] = [];
  versions.slice(1).forEach(({ version, settings, by }, at) => {
    const before = versions[at]!.settings;
    if (by !== undefined && !inForce(by).some((all) => refusalOf(layer, all, before, settings) === undefined)) {
      problems.push(`Version ${version} was allowed by no policies of its time: ${describeEntry(by)}`);
    }
  });
  for (const entry of of.own) {
    const { status } = entry.output ?? {};
    if (status !== 400 && status !== 403) continue;
    const isExplained = duringOf(entry, versions).some(({ version, settings: before }) =>
      inForce(entry).some((all) => {
        const { settings: after } = documentModel.step({ version, settings: before }, entry.input).state;
        return refusalOf(layer, all, before, after) === status;
      }),
    );
    if (!isExplained) problems.push(`No policies of its time refuse: ${describeEntry(entry)}`);
  }
  return problems;
}

function timelineOf({ kept, own }: Recorded): Version[] {
  const requests = new Map(own.map((entry) => [entry.id, entry]));
  const versions: Version[] = [{ ...documentModel.initial, since: 0, until: Infinity }];
  for (const { version, requestId } of kept.changes) {
    const by = requests.get(requestId);
    const before = versions.at(-1)!;
    versions[versions.length - 1] = { ...before, until: by?.returned ?? Infinity };
    const { settings } = by === undefined ? before : documentModel.step(before, by.input).state;
    versions.push({ version, settings, since: by?.called ?? 0, until: Infinity, ...(by && { by }) });
  }
  return versions;
}

/** The versions that can have been the current one at some time of a request. */
function duringOf({ called, returned }: Entry, versions: readonly Version[]): Version[] {
  return versions.filter(({ since, until }) => since <= returned && until >= called);
}

/** One of each, in every way. */
function combinationsOf(choices: readonly (readonly Version[])[]): JsonObject[][] {
  return choices.reduce<JsonObject[][]>(
    (all, versions) => all.flatMap((chosen) => versions.map(({ settings }) => [...chosen, settings])),
    [[]],
  );
}
