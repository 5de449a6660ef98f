import { CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './json-grammar.js';
import { decodeString, elementTexts, endOfString, endOfValue, skipSpace } from './json-text.js';

/** A JSON value with every digit: the members of an object, or the text of anything else, arrays too. */
export type JsonTree = JsonMembers | string;

export type JsonMembers = ReadonlyMap<string, JsonTree>;

/** @param text well-formed JSON; of several members with one name the last counts */
export function readTree(text: string): JsonTree {
  let at = skipSpace(text, 0);
  const readValue = (): JsonTree => {
    if (text.charCodeAt(at) !== OPEN_OBJECT) {
      const start = at;
      at = endOfValue(text, start);
      return text.slice(start, at);
    }
    const members = new Map<string, JsonTree>();
    at = skipSpace(text, at + 1);
    while (text.charCodeAt(at) !== CLOSE_OBJECT) {
      const end = endOfString(text, at);
      const name = decodeString(text, at, end);
      at = skipSpace(text, skipSpace(text, end) + 1);
      members.set(name, readValue());
      at = skipSpace(text, at);
      if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
    }
    at++;
    return members;
  };
  return readValue();
}

/** The members of the object that the text is; none of any other value. */
export function readMembers(text: string): JsonMembers {
  const tree = readTree(text);
  return typeof tree === 'string' ? new Map<string, JsonTree>() : tree;
}

/** The text of a value, spaced as PostgreSQL does. */
export function writeTree(tree: JsonTree): string {
  if (typeof tree === 'string') return tree;
  let text = '{';
  for (const [name, value] of tree) {
    if (text.length > 1) text += ', ';
    text += `${JSON.stringify(name)}: ${writeTree(value)}`;
  }
  return `${text}}`;
}

/** The value at the end of these steps, or what stands on the way in the place of an object, after `depth` steps. */
export function lookUp(tree: JsonTree, steps: readonly string[]): { value: JsonTree; depth: number } | undefined {
  let value = tree;
  for (let depth = 0; depth < steps.length; depth++) {
    if (typeof value === 'string') return { value, depth };
    const member = value.get(steps[depth]!);
    if (member === undefined) return undefined;
    value = member;
  }
  return { value, depth: steps.length };
}

/** Whether two values are equal as JSON: members in any order, numbers by their value, digit for digit. */
export function isSameValue(one: JsonTree, other: JsonTree): boolean {
  if (typeof one === 'string' || typeof other === 'string') {
    return typeof one === 'string' && typeof other === 'string' && (one === other || isSameLeaf(one, other));
  }
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [name, value] of one) {
    const another = other.get(name);
    if (another === undefined || !isSameValue(value, another)) return false;
  }
  return true;
}

function isSameLeaf(one: string, other: string): boolean {
  const kind = one.charCodeAt(0);
  if (kind === OPEN_ARRAY) {
    if (other.charCodeAt(0) !== OPEN_ARRAY) return false;
    const [elements, others] = [elementsOf(one), elementsOf(other)];
    return elements.length === others.length && elements.every((element, at) => isSameValue(element, others[at]!));
  }
  if (kind === QUOTE) return other.charCodeAt(0) === QUOTE && JSON.parse(one) === JSON.parse(other);
  return isNumber(one) && isNumber(other) && decimalOf(one) === decimalOf(other);
}

function elementsOf(array: string): JsonTree[] {
  return elementTexts(array, Infinity).map(readTree);
}

function isNumber(text: string): boolean {
  return /^[-\d]/.test(text);
}

/** A number in one form for all its spellings: its digits without zeros around them, and where the point is. */
function decimalOf(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const point = whole.length + Number(exponent) - (whole.length + fraction.length - digits.length);
  return `${sign}${digits.replace(/0+$/, '')}@${point}`;
}
