import { type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import { escapeStep } from '../common/json/json-text.js';

/** A rule of a schema that a document breaks. */
export interface Violation {
  /** What is wrong, or missing (RFC 6901); `''` is the whole document. */
  readonly pointer: string;
  /** The keyword of the schema. */
  readonly rule: string;
  /** What it says, without any value of the document: `must match pattern "^[0-9]+GB$"`. */
  readonly message: string;
}

/** A schema that is not one, in words for its author. */
export class InvalidSchemaError extends Error {}

const OPTIONS: Options = {
  allErrors: true,
  // What a schema must not have is refused before; what it may have and Ajv does not know are notes of its author.
  strict: false,
  logger: { log: () => undefined, warn: refuse, error: refuse },
  // Members that every object of JavaScript inherits are no members of a document.
  ownProperties: true,
  // 0.07 is a multiple of 0.01.
  multipleOfPrecision: 9,
  // Numbers that no double holds are numbers.
  strictNumbers: false,
  code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
};

let metaSchema: Ajv2020 | undefined;

/**
 * Makes a function that checks documents. Numbers are compared as doubles (IEEE 754).
 *
 * @param text a schema that `requireBoundedSchema` let pass
 * @throws InvalidSchemaError
 */
export function compileSchema(text: string): ValidateFunction {
  const schema = JSON.parse(text) as object;
  metaSchema ??= formatted(new Ajv2020({ ...OPTIONS, allErrors: false }));
  if (metaSchema.validateSchema(schema) !== true) {
    const [error] = metaSchema.errors ?? [];
    throw new InvalidSchemaError(error === undefined ? ' is no schema' : `${error.instancePath} ${error.message}`);
  }
  try {
    return formatted(new Ajv2020({ ...OPTIONS, meta: false, validateSchema: false })).compile(schema);
  } catch (error) {
    throw error instanceof InvalidSchemaError ? error : new InvalidSchemaError(` ${(error as Error).message}`);
  }
}

/**
 * The rules that a document breaks and that the one before did not: another rule, another place, or another member
 * that is missing.
 *
 * @param before absent: an empty object
 */
export function newViolations(validate: ValidateFunction, before: string | null, after: string): Violation[] {
  const found = errorsOf(validate, after);
  if (found.length === 0) return [];
  const known = new Set(errorsOf(validate, before ?? '{}').map(keyOf));
  const fresh = new Map<string, ErrorObject>();
  for (const error of found) {
    const key = keyOf(error);
    if (!known.has(key) && !fresh.has(key)) fresh.set(key, error);
  }
  return [...fresh.values()].map(violationOf);
}

function errorsOf(validate: ValidateFunction, document: string): readonly ErrorObject[] {
  return validate(JSON.parse(document)) ? [] : (validate.errors ?? []);
}

/** The member that an error is about, where that is not the place itself. */
function memberOf({ keyword, params }: ErrorObject): { missing?: string; present?: string } {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = params as Record<string, unknown>;
  if (typeof missingProperty === 'string') return { missing: missingProperty };
  const present = additionalProperty ?? unevaluatedProperty ?? (keyword === 'propertyNames' ? propertyName : undefined);
  return typeof present === 'string' ? { present } : {};
}

function keyOf(error: ErrorObject): string {
  const { missing = '', present = '' } = memberOf(error);
  return JSON.stringify([error.schemaPath, error.instancePath, missing, present]);
}

function violationOf(error: ErrorObject): Violation {
  const { instancePath, keyword, message = 'is not allowed' } = error;
  const { present } = memberOf(error);
  if (present === undefined || keyword === 'propertyNames') return { pointer: instancePath, rule: keyword, message };
  return { pointer: `${instancePath}/${escapeStep(present)}`, rule: keyword, message: 'must NOT be present' };
}

function formatted(ajv: Ajv2020): Ajv2020 {
  ajvFormats.default(ajv);
  return ajv;
}

/** Patterns take time that grows with the text, and no faster. */
function linearRegExp(pattern: string) {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    // Ajv tells patterns apart by their text.
    return { test: (text: string) => compiled.test(text), toString: () => pattern };
  } catch {
    throw new InvalidSchemaError(
      ` has the pattern ${JSON.stringify(pattern.slice(0, 100))}, which is none of RE2 (no lookaround, no references back)`,
    );
  }
}

function refuse(...message: unknown[]): never {
  throw new InvalidSchemaError(` ${message.map(String).join(' ')}`);
}
