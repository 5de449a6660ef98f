import { briefly } from '../json/text.js';
import { type Path, valueAt } from '../json/path.js';
import { isObject, type JsonObject, type JsonValue, kindOf } from '../json/value.js';
import { texts } from '../texts.js';
import type { Hint } from './effective.js';

/** What a schema says of a property, in words; empty where it says nothing of it. */
export function aboutOf(hint: Hint | undefined): string {
  if (hint === undefined) return '';
  const meaning = [hint.title, hint.description].filter((text) => typeof text === 'string').join(': ');
  const rules = RULES.flatMap((name) => {
    const value = hint[name];
    return value === undefined ? [] : [texts.layers.rules[name](name === 'type' ? typesOf(hint) : wordsOf(value))];
  });
  return [meaning, rules.join(', ')].filter((text) => text !== '').join(' · ');
}

const RULES = ['type', 'minimum', 'maximum', 'pattern', 'default'] as const;

/** A text as it is, anything else as JSON. */
function wordsOf(value: JsonValue): string {
  return typeof value === 'string' ? value : briefly(value);
}

function typesOf(hint: Hint): string {
  const names: Readonly<Record<string, string>> = { ...texts.kinds, integer: texts.layers.integer };
  return typeNames(hint)
    .map((name) => names[name] ?? name)
    .join(texts.layers.or);
}

function typeNames({ type }: Hint): string[] {
  return (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string');
}

/** With what a property begins that somebody sets: a value of its type; a text where nothing is known of it. */
export function firstValueOf(hint: Hint | undefined): JsonValue {
  if (hint === undefined) return '';
  const { enum: choices, minimum } = hint;
  if (hint.default !== undefined) return hint.default;
  if (Array.isArray(choices) && choices[0] !== undefined) return choices[0];
  switch (typeNames(hint)[0]) {
    case 'integer':
    case 'number':
      return minimum !== undefined && kindOf(minimum) === 'number' ? minimum : 0;
    case 'boolean':
      return false;
    case 'object':
      return {};
    case 'array':
      return [];
    case 'null':
      return null;
    default:
      return '';
  }
}

export interface UnsetProperty {
  readonly path: Path;
  readonly hint: Hint;
}

/** The properties of a schema, as far as `properties` lead there, that no document has and that have no default. */
export function unsetProperties(
  schema: JsonValue | undefined,
  documents: readonly JsonObject[],
  path: Path = [],
): UnsetProperty[] {
  const found = documents.map((document) => valueAt(document, path)).filter((value) => value !== undefined);
  const properties = valueAt(schema, ['properties']);
  // What is something else than a group has no room for them.
  if (isObject(properties)) {
    if (!found.every(isObject)) return [];
    return Object.entries(properties).flatMap(([key, inner]) => unsetProperties(inner, documents, [...path, key]));
  }
  const isListed = path.length > 0 && found.length === 0 && isObject(schema) && schema['default'] === undefined;
  return isListed ? [{ path, hint: schema }] : [];
}
