import { describe, expect, it } from 'vitest';
import { differenceOf, excerptOf } from './excerpt.js';

describe('an excerpt of a long text', () => {
  const ends = (end: string) => `${'x, '.repeat(400)}${end}`;

  it('shows where it differs from another one', () => {
    const at = differenceOf(ends('mine'), ends('theirs'));
    expect(excerptOf(ends('mine'), at)).toMatch(/^….{100}mine$/);
    expect(excerptOf(ends('theirs'), at)).toMatch(/^….{100}theirs$/);
    expect(excerptOf(`${ends('mine')}${ends('')}`, at)).toMatch(/^….{100}mine.*…$/);
  });

  it('begins where the text does, where it differs there, or there is no other', () => {
    expect(excerptOf(`a${ends('')}`, differenceOf(`a${ends('')}`, `b${ends('')}`))).toMatch(/^ax.*[^…]…$/);
    expect(excerptOf(ends(''), differenceOf(ends('')))).toMatch(/^x.{299}…$/);
  });

  it('shows the end of what another one goes on after', () => {
    expect(excerptOf(ends('end'), differenceOf(ends('end'), ends('end, and on')))).toMatch(/^….*end$/);
  });

  it('is all of a short one', () => {
    expect(excerptOf('short', differenceOf('short', 'shorter'))).toBe('short');
  });

  it('has no half of a character', () => {
    const text = '😀'.repeat(500);
    expect(() => encodeURIComponent(excerptOf(text, 501))).not.toThrow();
  });
});
