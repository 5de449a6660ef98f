import { InvalidInputError, MalformedJsonError } from '../errors/common.errors.js';

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COLON = 0x3a;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
const POINT = 0x2e;
const PLUS = 0x2b;
const ZERO = 0x30;
const LARGE_E = 0x45;
const SMALL_E = 0x65;

/** What may follow a backslash, but `u`. */
const ESCAPED = new Set(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)));

const HEX = /^[\da-fA-F]{4}$/;

/** How deep a text is read, far beyond what can be stored: the containers around a value take memory, too. */
const MAX_DEPTH = 50_000;

/**
 * Checks that a text is one JSON text (RFC 8259), as `JSON.parse` does, but makes nothing of it: a text of empty
 * arrays would take up to 28 times its memory.
 *
 * @returns how many values there are
 * @throws MalformedJsonError
 * @throws InvalidInputError when it nests too deep
 */
export function checkGrammar(text: string): number {
  /** Of the containers around the place that is read: whether they are objects, the innermost last. */
  const around: boolean[] = [];
  let values = 0;
  let at = afterSpace(text, 0);
  for (;;) {
    values++;
    const character = text.charCodeAt(at);
    if (character === OPEN_OBJECT || character === OPEN_ARRAY) {
      const isObject = character === OPEN_OBJECT;
      if (around.length === MAX_DEPTH) throw new InvalidInputError(`nested deeper than ${MAX_DEPTH} levels`);
      at = afterSpace(text, at + 1);
      if (text.charCodeAt(at) !== closeOf(isObject)) {
        around.push(isObject);
        if (isObject) at = afterName(text, at);
        continue;
      }
      at++;
    } else {
      at = afterScalar(text, at);
    }
    for (;;) {
      at = afterSpace(text, at);
      const isObject = around.at(-1);
      if (isObject === undefined) {
        if (at < text.length) throw new MalformedJsonError();
        return values;
      }
      const next = text.charCodeAt(at);
      at++;
      if (next === COMMA) {
        at = afterSpace(text, at);
        if (isObject) at = afterName(text, at);
        break;
      }
      if (next !== closeOf(isObject)) throw new MalformedJsonError();
      around.pop();
    }
  }
}

function closeOf(isObject: boolean): number {
  return isObject ? CLOSE_OBJECT : CLOSE_ARRAY;
}

function afterSpace(text: string, start: number): number {
  for (let at = start; ; at++) {
    const character = text.charCodeAt(at);
    if (character !== 0x20 && character !== 0x0a && character !== 0x0d && character !== 0x09) return at;
  }
}

/** Where the value of a member begins whose name begins at `start`. */
function afterName(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) throw new MalformedJsonError();
  const at = afterSpace(text, afterString(text, start));
  if (text.charCodeAt(at) !== COLON) throw new MalformedJsonError();
  return afterSpace(text, at + 1);
}

function afterScalar(text: string, start: number): number {
  const character = text.charCodeAt(start);
  if (character === QUOTE) return afterString(text, start);
  if (character === MINUS || isDigit(character)) return afterNumber(text, start);
  const literal = ['true', 'false', 'null'].find((one) => text.startsWith(one, start));
  if (literal === undefined) throw new MalformedJsonError();
  return start + literal.length;
}

function afterString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at + 1;
    if (character === BACKSLASH) {
      at++;
      if (ESCAPED.has(text.charCodeAt(at))) continue;
      if (text.charAt(at) !== 'u' || !HEX.test(text.slice(at + 1, at + 5))) throw new MalformedJsonError();
      at += 4;
    } else if (!(character >= 0x20)) {
      // A control character, or the end of the text.
      throw new MalformedJsonError();
    }
  }
}

function afterNumber(text: string, start: number): number {
  const whole = text.charCodeAt(start) === MINUS ? start + 1 : start;
  let at = text.charCodeAt(whole) === ZERO ? whole + 1 : afterDigits(text, whole);
  if (text.charCodeAt(at) === POINT) at = afterDigits(text, at + 1);
  const exponent = text.charCodeAt(at);
  if (exponent === SMALL_E || exponent === LARGE_E) {
    const sign = text.charCodeAt(at + 1);
    at = afterDigits(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
  }
  return at;
}

/** One digit at least. */
function afterDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  if (at === start) throw new MalformedJsonError();
  return at;
}

export function isDigit(character: number): boolean {
  return character >= ZERO && character <= 0x39;
}
