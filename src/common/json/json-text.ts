import { isUtf8 } from 'node:buffer';
import { InvalidInputError, MalformedJsonError } from '../errors/common.errors.js';
import {
  BACKSLASH,
  checkGrammar,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isDigit,
  MINUS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-grammar.js';

/** How many values become JavaScript objects, of which each takes up to 80 bytes. */
const MAX_VALUES = 50_000;

/**
 * Reads a request body that stays text, digit for digit: `JSON.parse` would round numbers, and take many times the
 * memory. No body at all is the empty text.
 *
 * @throws MalformedJsonError when the bytes are not UTF-8 or not one JSON text.
 * @throws InvalidInputError when it nests so deep that reading it would take too much
 */
export function readJsonText(body: Buffer | null | undefined): string {
  if (hasNoContent(body)) return '';
  const text = decodeUtf8(body);
  checkGrammar(text);
  return text;
}

/**
 * Reads a request body with a few members. No body at all is the value `undefined`.
 *
 * @throws MalformedJsonError when the bytes are not UTF-8 or not one JSON text.
 * @throws InvalidInputError when it has too many values, or nests too deep
 */
export function readJsonValue(body: Buffer | null | undefined): unknown {
  if (hasNoContent(body)) return undefined;
  const text = decodeUtf8(body);
  return parseFew(text, checkGrammar(text));
}

/**
 * The same, but of an object only the members with these names: the others are left out, and nothing is made of them.
 */
export function readJsonMembers(body: Buffer | null | undefined, names: readonly string[]): unknown {
  if (hasNoContent(body)) return undefined;
  const text = decodeUtf8(body);
  const values = checkGrammar(text);
  if (!isObjectText(text)) return parseFew(text, values);
  const members = Object.entries(memberTexts(text, names) as Record<string, string>);
  let wanted = 0;
  for (const [name, member] of members) {
    wanted += checkGrammar(member);
    requireFew(wanted, `with ${name} `);
  }
  return Object.fromEntries(members.map(([name, member]) => [name, JSON.parse(member) as unknown]));
}

function parseFew(text: string, values: number): unknown {
  requireFew(values);
  return JSON.parse(text) as unknown;
}

function requireFew(values: number, what = ''): void {
  if (values > MAX_VALUES) throw new InvalidInputError(`${what}there are more than ${MAX_VALUES} values`);
}

function hasNoContent(body: Buffer | null | undefined): body is null | undefined {
  return body === undefined || body === null || body.length === 0;
}

function decodeUtf8(body: Buffer): string {
  if (!isUtf8(body)) throw new MalformedJsonError();
  return body.toString('utf8');
}

/** Whether a value that `JSON.parse` returned is a JSON object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a well-formed JSON text is an object. */
export function isObjectText(text: string): boolean {
  return text.charCodeAt(skipSpace(text, 0)) === OPEN_OBJECT;
}

/** Whether a well-formed JSON text is an array. */
export function isArrayText(text: string): boolean {
  return text.charCodeAt(skipSpace(text, 0)) === OPEN_ARRAY;
}

/** What a well-formed JSON text says, if it is a string. */
export function stringOf(text: string | undefined): string | undefined {
  return text?.startsWith('"') ? decodeString(text, 0, text.length) : undefined;
}

/**
 * The text of one member of the object that `text` is, digit for digit; of several with that name the last, as
 * `JSON.parse` has it. `undefined` when there is none.
 *
 * @param text a well-formed JSON object
 */
export function memberText(text: string, name: string): string | undefined {
  return memberTexts(text, [name])[name];
}

/** The same for several names. */
export function memberTexts<const Name extends string>(
  text: string,
  names: readonly Name[],
): { [Member in Name]?: string } {
  const found: { [Member in Name]?: string } = {};
  let depth = 0;
  let wanted: Name | undefined;
  let valueStart = 0;
  for (let at = 0; at < text.length;) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && isKey(text, end)) {
        const name = decodeString(text, at, end);
        wanted = names.find((one) => one === name);
        valueStart = text.indexOf(':', end) + 1;
      }
      at = end;
      continue;
    }
    const endsMember = depth === 1 && (character === COMMA || character === CLOSE_OBJECT);
    if (endsMember && wanted !== undefined) {
      found[wanted] = text.slice(valueStart, at).trim();
      wanted = undefined;
    }
    if (character === OPEN_OBJECT || character === OPEN_ARRAY) depth++;
    else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) depth--;
    at++;
  }
  return found;
}

/**
 * The texts of an array's elements, up to `max` of them.
 *
 * @param text a well-formed JSON array
 */
export function elementTexts(text: string, max: number): string[] {
  const elements: string[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (elements.length < max && text.charCodeAt(at) !== CLOSE_ARRAY) {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return elements;
}

/**
 * JSON Pointers (RFC 6901) to the leaves of an object: all members at any depth of objects that are not objects, or
 * empty ones.
 *
 * @param text a well-formed JSON object, not nested so deep that recursion could not follow
 * @returns `null` when there are more than `maxLeaves`, when the pointers together are longer than `maxLength` UTF-16
 *   code units, or when an object has two members of one name
 */
export function leafPointers(text: string, maxLeaves: number, maxLength: number): string[] | null {
  const leaves: string[] = [];
  let length = 0;
  let at = skipSpace(text, 0);
  /** Goes on to the end of the object that begins here, if its leaves fit. */
  const fits = (pointer: string): boolean => {
    const names = new Set<string>();
    at = skipSpace(text, at + 1);
    while (text.charCodeAt(at) !== CLOSE_OBJECT) {
      const end = endOfString(text, at);
      const name = decodeString(text, at, end);
      const to = `${pointer}/${escapeStep(name)}`;
      if (names.has(name) || to.length > maxLength) return false;
      names.add(name);
      at = skipSpace(text, skipSpace(text, end) + 1);
      if (text.charCodeAt(at) === OPEN_OBJECT && text.charCodeAt(skipSpace(text, at + 1)) !== CLOSE_OBJECT) {
        if (!fits(to)) return false;
      } else {
        length += to.length;
        if (length > maxLength || leaves.push(to) > maxLeaves) return false;
        at = endOfValue(text, at);
      }
      at = skipSpace(text, at);
      if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
    }
    at++;
    return true;
  };
  return fits('') ? leaves : null;
}

/**
 * The same text with `"***"` in the place of the value of each member whose key is to be masked, at any depth.
 *
 * @param text well-formed JSON
 */
export function maskMembers(text: string, isMasked: (key: string) => boolean): string {
  let masked = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) !== QUOTE) {
      at++;
      continue;
    }
    const end = endOfString(text, at);
    if (isKey(text, end) && isMasked(decodeString(text, at, end))) {
      const value = skipSpace(text, skipSpace(text, end) + 1);
      at = endOfValue(text, value);
      masked += `${text.slice(copied, value)}"***"`;
      copied = at;
    } else {
      at = end;
    }
  }
  return masked + text.slice(copied);
}

/** A number is written out with at most this many digits, so that a short text cannot become gigabytes. */
export const MAX_NUMBER_DIGITS = 1000;

/** What a scan of a JSON text found. */
export interface Inspection {
  /** What cannot be stored and where, in words for the caller. */
  readonly problem?: string;
  /** How many digits its numbers take in all, written out: a lower bound of what storing the text takes. */
  readonly digits: number;
}

/**
 * Looks for what cannot be stored: U+0000, a lone surrogate, the key `__proto__`, a number that needs more than
 * `MAX_NUMBER_DIGITS` digits, or more than `maxDepth` levels (the outermost value is level 1). Every member is
 * inspected, including one that a later duplicate hides.
 *
 * @param text well-formed JSON
 * @param around how many outer levels do not count
 */
export function inspectJson(text: string, maxDepth: number, around = 0): Inspection {
  let digits = 0;
  let depth = -around;
  const found = (problem: string, at: number): Inspection => ({ problem: `${problem}${placeOf(text, at)}`, digits });
  for (let at = 0; at < text.length;) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      const end = endOfString(text, at);
      const string = decodeString(text, at, end);
      if (string.includes('\0')) return found('U+0000 cannot be stored', at);
      if (!string.isWellFormed()) return found('a lone surrogate cannot be stored', at);
      if (string === '__proto__' && isKey(text, end)) return found('__proto__ cannot be used as a key', at);
      at = end;
    } else if (character === MINUS || isDigit(character)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      const needed = digitsWrittenOut(number);
      if (needed > MAX_NUMBER_DIGITS) {
        return found(`the number ${abbreviate(number)} needs more than ${MAX_NUMBER_DIGITS} digits`, at);
      }
      digits += needed;
      at = end;
    } else {
      if (character === OPEN_OBJECT || character === OPEN_ARRAY) {
        if (++depth > maxDepth) return { problem: `nested deeper than ${maxDepth} levels`, digits };
      } else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) {
        depth--;
      }
      at++;
    }
  }
  return { digits };
}

/** Where in the text a position lies, as a JSON Pointer (RFC 6901) to the innermost member or element around it. */
function placeOf(text: string, position: number): string {
  const path: { step: string | number; isInObject: boolean }[] = [];
  for (let at = 0; at < position;) {
    const character = text.charCodeAt(at);
    const innermost = path.at(-1);
    if (character === QUOTE) {
      const end = endOfString(text, at);
      if (innermost?.isInObject && isKey(text, end)) innermost.step = decodeString(text, at, end);
      at = end;
      continue;
    }
    if (character === OPEN_OBJECT) path.push({ step: '', isInObject: true });
    else if (character === OPEN_ARRAY) path.push({ step: 0, isInObject: false });
    else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) path.pop();
    else if (character === COMMA && typeof innermost?.step === 'number') innermost.step++;
    at++;
  }
  const end = text.charCodeAt(position) === QUOTE ? endOfString(text, position) : position;
  const steps = (isKey(text, end) ? path.slice(0, -1) : path).map(({ step }) => step);
  const pointer = steps.map((step) => `/${escapeStep(String(step))}`).join('');
  return pointer === '' ? '' : ` (at ${abbreviate(pointer)})`;
}

/** The names on the way that a JSON Pointer (RFC 6901 §4) describes. */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A step of a JSON Pointer (RFC 6901 §3). */
export function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The index after the closing quote of the string that opens at `start`. */
export function endOfString(text: string, start: number): number {
  for (let quote = start; ;) {
    quote = text.indexOf('"', quote + 1);
    let before = quote;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    // A quote after an odd number of backslashes is one of the string's own characters.
    if ((quote - before) % 2 === 0) return quote + 1;
  }
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && /[0-9.eE+-]/.test(text.charAt(at))) at++;
  return at;
}

export function decodeString(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

/** Whether the string that ended before `end` names a member. */
function isKey(text: string, end: number): boolean {
  return text.charCodeAt(skipSpace(text, end)) === COLON;
}

export function skipSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** The index after the value that begins at `start`. */
export function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ;) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
    } else {
      if (character === OPEN_OBJECT || character === OPEN_ARRAY) depth++;
      else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) depth--;
      at++;
    }
    const next = text.charCodeAt(at);
    if (at >= text.length) return at;
    if (depth === 0 && (next === COMMA || next === CLOSE_OBJECT || next === CLOSE_ARRAY || next <= 0x20)) return at;
  }
}

/** Even of a zero: PostgreSQL refuses larger ones. */
const MAX_EXPONENT = 100_000;

/** How many digits PostgreSQL prints for a JSON number: no exponent, trailing zeros of the fraction kept. */
function digitsWrittenOut(number: string): number {
  if (number.length <= MAX_NUMBER_DIGITS && !/[eE]/.test(number)) return number.length;
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  if (Math.abs(Number(exponent)) > MAX_EXPONENT) return Infinity;
  const point = whole.length + Number(exponent);
  const leadingZeros = /^0*/.exec(whole + fraction)?.[0].length ?? 0;
  const isZero = leadingZeros === whole.length + fraction.length;
  const wholeDigits = isZero ? 1 : Math.max(1, point - leadingZeros);
  const fractionDigits = Math.max(0, whole.length + fraction.length - point);
  return wholeDigits + fractionDigits;
}

/** A text as errors quote it. */
export function abbreviate(text: string, max = 40): string {
  return text.length <= max ? text : `${text.slice(0, max - 3).toWellFormed()}...`;
}
