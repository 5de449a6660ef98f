import { describe, expect, it } from 'vitest';
import type { JsonObject, Reply, Request } from './document-model.js';
import type { Entry } from './history.js';
import { problemsOfJudging } from './judged-results.js';

const DOCUMENT = { name: 'user 1', kind: 'user-settings', ownerId: 'u', token: '', policies: [] } as const;

const NOT_BOTH = { schema: { user: { not: { required: ['a', 'b'] } } } };
const B_IS_LOCKED = { locks: { '/b': {} } };

/** A request that took from one event to another, by its id. */
function entry(id: string, [called, returned]: readonly [number, number], input: Request, output: Reply): Entry {
  return { id, document: '', client: 0, instance: 0, calledAt: 0, returnedAt: 0, called, returned, input, output };
}

/** What is kept where these made a version each. */
function recorded(own: readonly Entry[], makers: readonly string[]) {
  const changes = makers.map((requestId, place) => ({ requestId, version: place + 1 }));
  return { own, kept: { changes, current: { version: makers.length, settings: {} }, replayed: {} } };
}

function aPolicy(...versions: readonly (readonly [time: readonly [number, number], content: JsonObject])[]) {
  const made = versions.map(([time, settings], place) =>
    entry(`p${place}`, time, { kind: 'replace', settings }, { status: 200, version: place + 1 }),
  );
  return recorded(
    made,
    made.map(({ id }) => id),
  );
}

const setA = entry('a', [10, 11], { kind: 'merge', patch: { a: 1 } }, { status: 200, version: 1 });
const setB = entry('b', [20, 30], { kind: 'merge', patch: { b: 1 } }, { status: 200, version: 2 });
const refused = (status: 400 | 403) => ({ ...setB, output: { status } as const });

describe('results under policies that change', () => {
  it.each([
    ['was in force', aPolicy([[1, 2], NOT_BOTH]), false],
    ['came at the same time', aPolicy([[19, 25], NOT_BOTH]), true],
    ['came afterwards', aPolicy([[31, 32], NOT_BOTH]), true],
    ['went at the same time', aPolicy([[1, 2], NOT_BOTH], [[25, 35], {}]), true],
    ['had gone', aPolicy([[1, 2], NOT_BOTH], [[3, 4], {}]), true],
    ['would come back later', aPolicy([[1, 2], NOT_BOTH], [[31, 32], {}]), false],
  ])('may be stored against a policy, or not, that %s', (_, policy, isAllowed) => {
    const problems = problemsOfJudging(DOCUMENT, recorded([setA, setB], ['a', 'b']), [policy]);
    expect(problems).toHaveLength(isAllowed ? 0 : 1);
    if (!isAllowed) expect(problems[0]).toMatch(/^Version 2 was allowed by no policies of its time: .* PUT /);
  });

  it.each([
    ['was in force', 400, aPolicy([[1, 2], NOT_BOTH]), true],
    ['came at the same time', 400, aPolicy([[19, 25], NOT_BOTH]), true],
    ['came afterwards', 400, aPolicy([[31, 32], NOT_BOTH]), false],
    ['only warned', 400, aPolicy([[1, 2], { ...NOT_BOTH, enforcement: 'warn' }]), false],
    ['locks', 403, aPolicy([[1, 2], { ...NOT_BOTH, ...B_IS_LOCKED }]), true],
    ['has no lock', 403, aPolicy([[1, 2], NOT_BOTH]), false],
  ] as const)('may be refused, or not, by a policy that %s: %d', (_, status, policy, isExplained) => {
    const problems = problemsOfJudging(DOCUMENT, recorded([setA, refused(status)], ['a']), [policy]);
    expect(problems).toHaveLength(isExplained ? 0 : 1);
  });

  it('may be allowed by one of two policies alone only where the other one allows it, too', () => {
    const of = recorded([setA, setB], ['a', 'b']);
    expect(problemsOfJudging(DOCUMENT, of, [aPolicy([[1, 2], {}]), aPolicy([[1, 2], B_IS_LOCKED])])).toHaveLength(1);
    expect(problemsOfJudging(DOCUMENT, of, [aPolicy([[1, 2], {}]), aPolicy([[1, 2], {}])])).toHaveLength(0);
  });
});
