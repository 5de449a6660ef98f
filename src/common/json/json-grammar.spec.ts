import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedJsonError } from '../errors/common.errors.js';
import { checkGrammar } from './json-grammar.js';

describe('checkGrammar', () => {
  /** Valid texts, with a few characters changed. */
  const texts = fc
    .tuple(
      fc.oneof(
        fc.json({ maxDepth: 4 }),
        fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value, null, ' ')),
      ),
      fc.array(
        fc.tuple(fc.nat(200), fc.nat(1), fc.constantFrom(...'{}[]",:\\/u0123456789.eE+-truefalsn \t\n\u0001\u00a0é')),
      ),
    )
    .map(([text, edits]) =>
      edits.reduce((edited, [at, removed, added]) => edited.slice(0, at) + added + edited.slice(at + removed), text),
    );

  it('agrees with JSON.parse about what is JSON', () => {
    let [valid, invalid] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: fc.constantFrom(...'[]{}",:1-.e0+ \\') })), (text) => {
        if (isParsed(text)) {
          valid++;
          // Of members of one name JSON.parse keeps the last.
          expect(checkGrammar(text)).toBeGreaterThanOrEqual(valuesOf(JSON.parse(text)));
        } else {
          invalid++;
          expect(() => checkGrammar(text)).toThrow(MalformedJsonError);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(valid, invalid)).toBeGreaterThan(100);
  });

  it.each([
    '-0',
    '1E+2',
    '-0.5e-7',
    '"\\u00e9\\ud800 \u007f\u2028"',
    ' [ ] ',
    '{"a":{},"":[null,true,false]}',
    '01',
    '-',
    '1.',
    '.5',
    '+1',
    '1e',
    '"\\x"',
    '"\\u00g0"',
    '"\t"',
    '"',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '{1:1}',
    '[}',
    '{"a":1]',
    ']',
    'nul',
    'truee',
    '',
    '\u00a0[]',
  ])('says of %j what JSON.parse says', (text) => {
    if (isParsed(text)) expect(checkGrammar(text)).toBeGreaterThan(0);
    else expect(() => checkGrammar(text)).toThrow(MalformedJsonError);
  });
});

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function valuesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + valuesOf(one), 1);
}
