import { JsonNumber } from './json-number.js';

/** In a text that is JSON: an escape within a string, a quote with the colon that follows a key, or a number. */
const TOKENS = /\\.|"(\s*:)?|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * As `JSON.parse`, but a number with more digits than JavaScript's own hold becomes a `JsonNumber`.
 *
 * Node 20 does not show a reviver the text of a number. So where there is such a number, the text is read once more
 * with those as strings, and with a letter at the end of each string value that says what it is.
 *
 * @throws SyntaxError
 */
export function parse(text: string): unknown {
  const rounded: unknown = JSON.parse(text);
  let isExact = true;
  let isInString = false;
  const marked = text.replace(TOKENS, (token: string, colon?: string) => {
    if (token.startsWith('"')) {
      isInString = !isInString;
      return isInString || colon !== undefined ? token : 's"';
    }
    if (isInString || isHeld(token)) return token;
    isExact = false;
    return `"${token}n"`;
  });
  if (isExact) return rounded;
  return JSON.parse(marked, (_key, value: unknown) => (typeof value === 'string' ? unmark(value) : value));
}

function unmark(value: string): string | JsonNumber {
  const text = value.slice(0, -1);
  return value.endsWith('n') ? new JsonNumber(text) : text;
}

/**
 * As `JSON.stringify`, but a `JsonNumber` and a `bigint` become numbers with all their digits.
 *
 * @returns `undefined` for what JSON has no form for, such as a function
 * @throws RangeError when the value contains itself
 */
export function stringify(value: unknown): string | undefined {
  if (value instanceof JsonNumber || typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return stringify(toJSON.call(value));
  if (Array.isArray(value)) return `[${Array.from(value, (element) => stringify(element) ?? 'null').join()}]`;
  const members = Object.entries(value).flatMap(([key, member]) => {
    const text = stringify(member);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  return `{${members.join()}}`;
}

/**
 * Whether a JavaScript number has this value, digit for digit: `0.1` and `1e2` yes, `9007199254740993` no. Nor has one
 * above that limit whose digits only happen to be printed right, such as `100000000000000000000000`.
 */
function isHeld(number: string): boolean {
  const held = Number(number);
  return Math.abs(held) <= Number.MAX_SAFE_INTEGER && normalized(String(held)) === normalized(number);
}

/** The same text for the same value: its significant digits, and where the decimal point is. */
function normalized(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const point = digits.length - fraction.length + Number(exponent);
  const significant = digits.replace(/0+$/, '');
  return significant === '' ? '0' : `${sign}0.${significant}e${point}`;
}
