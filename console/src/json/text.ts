import { parse } from '@flashback/client/lossless';
import { isObject, type JsonObject, type JsonValue, membersOf, scalarText } from './value.js';
import { texts } from '../texts.js';

/** A value as JSON text on several lines, with every digit, and keys by name. */
export function textOf(value: JsonValue, indent = ''): string {
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((element) => textOf(element, inner))
    : isObject(value)
      ? membersOf(value).map(([key, member]) => `${JSON.stringify(key)}: ${textOf(member, inner)}`)
      : undefined;
  // A number's own text is its JSON, whatever its kind.
  if (lines === undefined) return typeof value === 'string' ? JSON.stringify(value) : scalarText(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return lines.length === 0 ? `${open}${close}` : `${open}\n${inner}${lines.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** The same on one line. */
export function lineOf(value: JsonValue): string {
  return textOf(value).replace(/\n\s*/g, ' ');
}

/** The same, cut where it is too long to be read at a glance. */
export function briefly(value: JsonValue, length = 120): string {
  const text = lineOf(value);
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** @throws SyntaxError for what is no JSON, or no object */
export function readObject(text: string): JsonObject {
  const value = parse(text) as JsonValue;
  if (!isObject(value)) throw new SyntaxError(texts.text.noObject);
  return value;
}
