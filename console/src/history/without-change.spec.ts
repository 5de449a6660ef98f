import { describe, expect, it } from 'vitest';
import { withoutChange } from './without-change.js';

describe('a document without one of its changes', () => {
  it.each([
    ['a value', { a: 1 }, { a: 2 }, { a: 2, b: 1 }, { a: 1, b: 1 }],
    ['a group', { a: 1 }, { a: 1, g: { x: 1 } }, { a: 2, g: { x: 1 } }, { a: 2 }],
    ['a group into which somebody added something', {}, { g: { x: 1 } }, { g: { x: 1, y: 2 } }, { g: { y: 2 } }],
    [
      'a group in a group',
      { a: 1 },
      { a: 1, g: { h: { x: 1 }, z: 1 } },
      { a: 1, g: { h: { x: 1, y: 2 }, z: 1 } },
      { a: 1, g: { h: { y: 2 } } },
    ],
  ])('has nothing of it, and all that came after it: %s', (_, before, after, current, undone) => {
    expect(withoutChange(before, after, current)).toStrictEqual({ undone, kept: [] });
  });

  it.each([
    ['a value', { a: 1 }, { a: 2 }, { a: 3 }, ['a']],
    ['a value in a group that it made', {}, { g: { x: 1 } }, { g: { x: 2 } }, ['g', 'x']],
    ['a group in place of a value', { g: 1 }, { g: { x: 1 } }, { g: { x: 1, y: 2 } }, ['g']],
  ])('has what was changed again since: %s', (_, before, after, current, path) => {
    const { undone, kept } = withoutChange(before, after, current);
    expect(undone).toStrictEqual(current);
    expect(kept).toMatchObject([{ path }]);
  });
});
