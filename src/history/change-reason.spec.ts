import { describe, expect, it } from 'vitest';
import { readChangeReason } from './change-reason.js';

/** As Node reads these bytes. */
const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('a reason for a change', () => {
  it.each([
    ['Zurück', 'Zur\xfcck'],
    ['Zurück', utf8('Zurück')],
    ['Zurück', "UTF-8''Zur%C3%BCck"],
    ['Zurück', "utf-8'de-CH'Zur%c3%bcck"],
    ['a b', "UTF-8''a%20b"],
    ['a b', "UTF-8''a b"],
    ['株式会社 🙂', utf8('株式会社 🙂')],
    ['株式会社 🙂', `UTF-8''${encodeURIComponent('株式会社 🙂')}`],
    ['50 % für 株式会社', utf8('50 % für 株式会社')],
    ['100%', '100%'],
    ['%C3%BC', '%C3%BC'],
    ["ISO-8859-1''%FC", "ISO-8859-1''%FC"],
    ['\ufffd', utf8('\ufffd')],
    ['\ufffd', "UTF-8''%EF%BF%BD"],
    ['\u200f\u200eעברית', utf8('\u200f\u200eעברית')],
    ['ÿ', '\xff'],
    ['x', ' \u00a0x '],
    ['🙂'.repeat(500), `UTF-8''${encodeURIComponent('🙂'.repeat(500))}`],
    [null, ''],
    [null, ' '],
    [null, "UTF-8''%20"],
  ])('%j is %j', (reason, header) => {
    expect(readChangeReason(header)).toBe(reason);
  });

  it.each<[string, string]>([
    ['500 characters', 'x'.repeat(501)],
    ['500 characters', `UTF-8''${'%20x'.repeat(300)}`],
    ['control characters', 'a\tb'],
    ['control characters', "UTF-8''a%0Ab"],
    ['control characters', "UTF-8''%C2%85"],
    ['control characters', 'a\x85b'],
    ['control characters', utf8('a\u2028b')],
    ...['\u202a', '\u202e', '\u2066', '\u2069'].map((control): [string, string] => [
      'bidirectional control',
      utf8(`a${control}b`),
    ]),
    ['bidirectional control', "UTF-8''%E2%80%AE"],
    ['percent-encoded', "UTF-8''100%"],
    ['percent-encoded', "UTF-8''%zz"],
    ['percent-encoded', "UTF-8''%FC"],
    ['percent-encoded', "UTF-8''%ED%A0%80"],
  ])('is refused because of %s: %j', (problem, header) => {
    expect(() => readChangeReason(header)).toThrow(problem);
  });
});
