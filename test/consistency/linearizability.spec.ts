import { describe, expect, it } from 'vitest';
import { documentModel, type Request } from './document-model.js';
import {
  append,
  type DocumentOperation,
  from,
  ok,
  put,
  read,
  replaceTo,
  shown,
  unanswered,
  verdictOn,
} from './document-operations.js';
import { checkLinearizability } from './linearizability.js';

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
