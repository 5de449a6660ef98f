import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentModel, type Request } from './document-model.js';
import { type DocumentOperation, from, put, read, replaceTo, unanswered, verdictOn } from './document-operations.js';
import { checkLinearizability } from './linearizability.js';

/** Tries every order, without any thought: for histories of a few operations. */
function isLinearizable(history: readonly DocumentOperation[], state = documentModel.initial): boolean {
  if (history.every(({ output }) => output === undefined)) return true;
  return history.some((operation) => {
    const others = history.filter((other) => other !== operation);
    if (others.some(({ returned }) => returned < operation.called)) return false;
    const step = documentModel.step(state, operation.input);
    const fits = operation.output === undefined || documentModel.isSame(step.output, operation.output);
    return fits && isLinearizable(others, step.state);
  });
}

const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.constant(read),
  fc.constantFrom('a', 'b').chain((key) => fc.integer({ min: 1, max: 2 }).map((value) => put({ [key]: value }))),
  fc.integer({ min: 1, max: 2 }).map(replaceTo),
  fc.constantFrom('a', 'b').map((key): Request => ({ kind: 'delete-keys', keys: [key] })),
  fc.integer({ min: 0, max: 2 }).map((version): Request => ({ ...put({ a: 3 }), ifMatch: [version] })),
);

/**
 * Answers as the model gives them in some order, of which some are lost, and some are given to another request or late.
 */
const anyHistory: fc.Arbitrary<DocumentOperation[]> = fc
  .record({
    steps: fc.array(
      fc.record({
        request: anyRequest,
        start: fc.integer({ min: -4, max: 8 }),
        length: fc.nat(8),
        isLost: fc.boolean(),
        happens: fc.boolean(),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    swapped: fc.option(fc.tuple(fc.nat(5), fc.nat(5))),
  })
  .map(({ steps, swapped }) => {
    let state = documentModel.initial;
    const operations = steps.map(({ request, start, length, isLost, happens }, place) => {
      const { output, state: next } = documentModel.step(state, request);
      if (happens || !isLost) state = next;
      const called = place * 4 - start + place / 10;
      const returned = Math.max(called, place * 4) + length + 0.5;
      return isLost ? unanswered(called, request) : from(called, request, returned, output);
    });
    const [one, other] = (swapped ?? []).map((place) => operations[place % operations.length]!);
    if (one?.output === undefined || other?.output === undefined || one === other) return operations;
    const swap = new Map([
      [one, other.output],
      [other, one.output],
    ]);
    return operations.map((operation) => ({ ...operation, output: swap.get(operation) ?? operation.output }));
  });

describe('on any short history', () => {
  it('says the same as trying every order', () => {
    const counts = { true: 0, false: 0 };
    fc.assert(
      fc.property(anyHistory, (history) => {
        const expected = isLinearizable(history);
        counts[`${expected}`]++;
        const verdict = expected ? 'linearizable' : 'violated';
        expect(verdictOn(...history)).toBe(verdict);
        const hintOf = ({ called }: DocumentOperation) => (called % 3 === 0 ? undefined : -called);
        expect(checkLinearizability(documentModel, history, { hintOf }).kind).toBe(verdict);
      }),
      { numRuns: 2_000 },
    );
    expect(counts.true).toBeGreaterThan(100);
    expect(counts.false).toBeGreaterThan(100);
  });
});
