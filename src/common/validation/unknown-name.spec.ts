import { describe, expect, it } from 'vitest';
import { unknownName } from './unknown-name.js';

describe('the words for an unknown name', () => {
  it.each([
    ['dryrun', 'dryrun (did you mean dryRun?)'],
    ['DRYRUN', 'DRYRUN (did you mean dryRun?)'],
    ['dry-run', 'dry-run (did you mean dryRun?)'],
    ['dryRun[]', 'dryRun[] (did you mean dryRun?)'],
    ['limt', 'limt (did you mean limit?)'],
    ['limits', 'limits (did you mean limit?)'],
    ['befor', 'befor (did you mean before?)'],
    ['format', 'format (known: limit, before, dryRun)'],
    ['', '"" (known: limit, before, dryRun)'],
    ['a b', '"a b" (known: limit, before, dryRun)'],
    ['a\u0000\n', '"a\\u0000\\n" (known: limit, before, dryRun)'],
    ['\ud800', '"\\ud800" (known: limit, before, dryRun)'],
    ['__proto__', '__proto__ (known: limit, before, dryRun)'],
    ['x'.repeat(50), `${'x'.repeat(50)} (known: limit, before, dryRun)`],
    ['x'.repeat(5_000), `${'x'.repeat(50)}... (known: limit, before, dryRun)`],
    ['🙂'.repeat(51), `"${'🙂'.repeat(50)}..." (known: limit, before, dryRun)`],
  ])('name %j', (name, words) => {
    expect(unknownName('parameter', name, ['limit', 'before', 'dryRun'])).toBe(`unknown parameter ${words}`);
  });

  it('say that there is none', () => {
    expect(unknownName('parameter', 'at', [])).toBe('unknown parameter at (known: none)');
  });
});
