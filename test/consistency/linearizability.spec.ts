import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentModel, type Json, type JsonObject, type Reply, type Request } from './document-model.js';
import { checkLinearizability, type Operation } from './linearizability.js';

type DocumentOperation = Operation<Request, Reply>;

/** An operation that was answered between two moments; without a reply it never was. */
const from = (called: number, input: Request, returned: number, output: Reply): DocumentOperation => ({
  called,
  input,
  returned,
  output,
});
const unanswered = (called: number, input: Request): DocumentOperation => ({
  called,
  input,
  returned: Infinity,
  output: undefined,
});

const read: Request = { kind: 'read' };
const put = (patch: JsonObject): Request => ({ kind: 'merge', patch });
const replaceTo = (value: Json): Request => ({ kind: 'json-patch', patch: [{ op: 'replace', path: '/a', value }] });
const append = (value: number): Request => ({ kind: 'json-patch', patch: [{ op: 'add', path: '/log/-', value }] });
const ok = (version: number): Reply => ({ status: 200, version });
const shown = (version: number, settings: JsonObject): Reply => ({ status: 200, version, settings });

const verdictOn = (...history: DocumentOperation[]) => checkLinearizability(documentModel, history).kind;

describe('the checker accepts', () => {
  it('a history without operations', () => {
    expect(verdictOn()).toBe('linearizable');
  });

  it('operations one at a time', () => {
    expect(
      verdictOn(
        from(1, read, 2, shown(0, {})),
        from(3, put({ a: 1 }), 4, ok(1)),
        from(5, read, 6, shown(1, { a: 1 })),
        from(7, { ...put({ a: 2 }), ifMatch: [0] }, 8, { status: 412, version: 1 }),
        from(9, { kind: 'delete-keys', keys: ['none'] }, 10, ok(1)),
        from(11, { ...read, ifNoneMatch: [1] }, 12, { status: 304, version: 1 }),
      ),
    ).toBe('linearizable');
  });

  it('changes at the same time, in whichever order they answered', () => {
    expect(
      verdictOn(
        from(1, put({ a: 1 }), 6, ok(2)),
        from(2, put({ b: 1 }), 5, ok(1)),
        from(3, put({ a: 2 }), 4, ok(3)),
        from(7, read, 8, shown(3, { a: 2, b: 1 })),
      ),
    ).toBe('linearizable');
  });

  it('a read that began before a change and ended after it, with either document', () => {
    const change = from(2, put({ a: 1 }), 3, ok(1));
    expect(verdictOn(change, from(1, read, 4, shown(0, {})))).toBe('linearizable');
    expect(verdictOn(change, from(1, read, 4, shown(1, { a: 1 })))).toBe('linearizable');
  });

  it('a patch that met a moment at which it did not fit', () => {
    expect(
      verdictOn(
        from(1, put({ a: 1 }), 4, ok(1)),
        from(2, replaceTo(2), 3, { status: 409 }),
        from(5, read, 6, shown(1, { a: 1 })),
      ),
    ).toBe('linearizable');
  });

  it('a way that it finds only after a wrong beginning', () => {
    expect(
      verdictOn(
        unanswered(1, put({ a: 1 })),
        unanswered(2, put({ a: 1 })),
        unanswered(3, put({ a: 1, b: 1 })),
        from(4, read, 5, shown(1, { a: 1 })),
        from(6, put({ a: 0 }), 7, ok(2)),
        from(8, read, 9, shown(3, { a: 1 })),
        from(10, read, 11, shown(4, { a: 1, b: 1 })),
      ),
    ).toBe('linearizable');
  });
});

describe('the checker rejects', () => {
  it('a lost update', () => {
    expect(
      verdictOn(
        from(1, put({ a: 1 }), 3, ok(1)),
        from(2, put({ b: 1 }), 4, ok(2)),
        from(5, read, 6, shown(2, { b: 1 })),
      ),
    ).toBe('violated');
  });

  it('a stale read', () => {
    expect(verdictOn(from(1, put({ a: 1 }), 2, ok(1)), from(3, read, 4, shown(0, {})))).toBe('violated');
  });

  it('two reads that go back in time, within one change', () => {
    expect(
      verdictOn(from(1, put({ a: 1 }), 6, ok(1)), from(2, read, 3, shown(1, { a: 1 })), from(4, read, 5, shown(0, {}))),
    ).toBe('violated');
  });

  it('a read of a change that was refused', () => {
    expect(
      verdictOn(
        from(1, { ...put({ a: 1 }), ifMatch: [7] }, 2, { status: 412, version: 0 }),
        from(3, read, 4, shown(1, { a: 1 })),
      ),
    ).toBe('violated');
    expect(verdictOn(from(1, replaceTo(1), 3, { status: 409 }), from(2, read, 4, shown(1, { a: 1 })))).toBe('violated');
  });

  it('half a change', () => {
    expect(verdictOn(from(1, put({ a: 1, b: 1 }), 4, ok(1)), from(2, read, 3, shown(1, { a: 1 })))).toBe('violated');
  });

  it('a change that was made twice', () => {
    expect(
      verdictOn(
        from(1, put({ log: [] }), 2, ok(1)),
        from(3, append(1), 4, ok(2)),
        from(5, read, 6, shown(3, { log: [1, 1] })),
      ),
    ).toBe('violated');
    expect(
      verdictOn(
        from(1, put({ log: [] }), 2, ok(1)),
        unanswered(3, append(1)),
        from(4, read, 5, shown(3, { log: [1, 1] })),
      ),
    ).toBe('violated');
  });

  it('two successes of which one should have been refused', () => {
    const compareAndSet: Request = { ...put({ a: 1 }), ifMatch: [0] };
    expect(
      verdictOn(
        from(1, compareAndSet, 3, ok(1)),
        from(2, { ...compareAndSet, kind: 'merge', patch: { b: 1 } }, 4, ok(2)),
      ),
    ).toBe('violated');
  });

  it('a conflict or a failed precondition without a reason', () => {
    expect(verdictOn(from(1, put({ a: 1 }), 2, ok(1)), from(3, replaceTo(2), 4, { status: 409 }))).toBe('violated');
    expect(
      verdictOn(
        from(1, put({ a: 1 }), 2, ok(1)),
        from(3, { ...put({ a: 2 }), ifMatch: [1] }, 4, { status: 412, version: 1 }),
      ),
    ).toBe('violated');
  });

  it('a version that counts what changed nothing, or counts wrong', () => {
    expect(verdictOn(from(1, put({}), 2, ok(1)))).toBe('violated');
    expect(verdictOn(from(1, put({ a: 1 }), 2, ok(2)))).toBe('violated');
    expect(verdictOn(from(1, put({ a: 1 }), 2, ok(1)), from(3, put({ a: 2 }), 4, ok(1)))).toBe('violated');
  });
});

describe('an operation without an answer', () => {
  it('may have happened, at any later time, or not', () => {
    const lost = unanswered(1, put({ a: 1 }));
    expect(verdictOn(lost, from(2, read, 3, shown(1, { a: 1 })))).toBe('linearizable');
    expect(verdictOn(lost, from(2, read, 3, shown(0, {})))).toBe('linearizable');
    expect(verdictOn(lost, from(2, read, 3, shown(0, {})), from(4, read, 5, shown(1, { a: 1 })))).toBe('linearizable');
  });

  it('did not happen before it was called, nor more than once', () => {
    expect(verdictOn(from(1, read, 2, shown(1, { a: 1 })), unanswered(3, put({ a: 1 })))).toBe('violated');
    expect(
      verdictOn(
        unanswered(1, put({ a: 1 })),
        from(2, read, 3, shown(1, { a: 1 })),
        from(4, { kind: 'delete-keys', keys: ['a'] }, 5, ok(2)),
        from(6, read, 7, shown(3, { a: 1 })),
      ),
    ).toBe('violated');
  });
});

describe('the verdict', () => {
  it('shows an order that explains everything', () => {
    const first = from(1, put({ a: 1 }), 6, ok(1));
    const second = from(2, put({ a: 2 }), 5, ok(2));
    const seen = from(3, read, 4, shown(1, { a: 1 }));
    const verdict = checkLinearizability(documentModel, [second, seen, first]);
    expect(verdict).toStrictEqual({
      kind: 'linearizable',
      order: [first, seen, second],
      state: { version: 2, settings: { a: 2 } },
    });
  });

  it('shows how far it came', () => {
    const fine = from(1, put({ a: 1 }), 2, ok(1));
    const wrong = from(3, read, 4, shown(0, {}));
    expect(checkLinearizability(documentModel, [fine, wrong])).toStrictEqual({
      kind: 'violated',
      order: [fine],
      state: { version: 1, settings: { a: 1 } },
      stuck: [wrong],
    });
  });

  it('is "undecided" when there is too much to try', () => {
    const lost = Array.from({ length: 12 }, (_, n) => unanswered(n, put({ [`k${n}`]: n })));
    const impossible = from(100, read, 101, shown(12, { a: 1 }));
    expect(checkLinearizability(documentModel, [...lost, impossible], { mostConfigurations: 500 }).kind).toBe(
      'undecided',
    );
  });
});

describe('hints', () => {
  const lost = Array.from({ length: 12 }, (_, n) => unanswered(n, put({ [`k${n}`]: n })));
  const seen = Object.fromEntries([11, 4, 8, 2, 6].map((n) => [`k${n}`, n]));
  const history = [...lost, from(100, read, 101, shown(5, seen))];
  const limited = { mostConfigurations: 50 };

  it('lead to an order that would take long to find', () => {
    expect(checkLinearizability(documentModel, history, limited).kind).toBe('undecided');
    const hintOf = ({ called }: DocumentOperation) => (`k${called}` in seen ? called : undefined);
    expect(checkLinearizability(documentModel, history, { ...limited, hintOf }).kind).toBe('linearizable');
  });

  it('never make a wrong order right', () => {
    const wrong = [from(1, put({ a: 1 }), 2, ok(1)), from(3, read, 4, shown(0, {}))];
    expect(checkLinearizability(documentModel, wrong, { hintOf: ({ called }) => -called }).kind).toBe('violated');
  });
});

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
