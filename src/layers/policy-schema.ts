import { InvalidInputError } from '../common/errors/common.errors.js';
import { abbreviate, escapeStep, isJsonObject } from '../common/json/json-text.js';

/** How many schemas a schema may have in it, and how deep they may nest, itself being level 1. */
const MAX_SUBSCHEMAS = 200;
const MAX_DEPTH = 32;

/** Of a pointer that an error names, in UTF-16 code units. */
export const MAX_POINTER_LENGTH = 200;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Keywords of JSON Schema 2020-12 by what they hold. `$id`, anchors and dynamic references are left out. */
const HOLDS_SCHEMA = new Set([
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const HOLDS_SCHEMAS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const HOLDS_NAMED_SCHEMAS = new Set(['$defs', 'dependentSchemas', 'patternProperties', 'properties']);
const HOLDS_VALUE = new Set([
  '$comment',
  '$ref',
  '$schema',
  'const',
  'contentEncoding',
  'contentMediaType',
  'default',
  'dependentRequired',
  'deprecated',
  'description',
  'enum',
  'examples',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'maxContains',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minContains',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'pattern',
  'readOnly',
  'required',
  'title',
  'type',
  'uniqueItems',
  'writeOnly',
]);

/**
 * Checks what the meta-schema does not: that the schema is small, has only keywords that mean something here, and
 * refers to nothing but its own `$defs`. Names that begin with `x-` are the author's own.
 *
 * @param pointer where it stands
 * @throws InvalidInputError
 */
export function requireBoundedSchema(schema: unknown, pointer: string): void {
  if (!isJsonObject(schema)) throw wrong(pointer, 'must be an object');
  let count = 0;
  const visit = (value: unknown, at: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw wrong(at, `must not nest deeper than ${MAX_DEPTH} schemas`);
    if (++count > MAX_SUBSCHEMAS) throw wrong(pointer, `must not have more than ${MAX_SUBSCHEMAS} schemas in it`);
    if (!isJsonObject(value)) return;
    for (const [keyword, held] of Object.entries(value)) {
      const to = `${at}/${escapeStep(keyword)}`;
      if (HOLDS_SCHEMA.has(keyword)) {
        visit(held, to, depth + 1);
      } else if (HOLDS_SCHEMAS.has(keyword)) {
        if (Array.isArray(held)) held.forEach((one, index) => visit(one, `${to}/${index}`, depth + 1));
      } else if (HOLDS_NAMED_SCHEMAS.has(keyword)) {
        if (!isJsonObject(held)) continue;
        for (const [name, one] of Object.entries(held)) visit(one, `${to}/${escapeStep(name)}`, depth + 1);
      } else if (!HOLDS_VALUE.has(keyword) && !keyword.startsWith('x-')) {
        throw wrong(to, 'is no keyword that a schema may have here');
      } else if (keyword === '$ref' && !(typeof held === 'string' && /^#\/\$defs\/[^/]+$/.test(held))) {
        throw wrong(to, 'must refer to one of #/$defs/');
      } else if (keyword === '$schema' && (depth > 1 || held !== DIALECT)) {
        throw wrong(to, `must be ${DIALECT}, at the top`);
      }
    }
  };
  visit(schema, pointer, 1);
}

function wrong(pointer: string, rule: string): InvalidInputError {
  return new InvalidInputError(`${abbreviate(pointer, MAX_POINTER_LENGTH)} ${rule}`);
}
