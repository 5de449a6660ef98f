import { readlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { ValidateFunction } from 'ajv';
import { LRUCache } from 'lru-cache';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { foldDocuments, type FoldedSettings, type FoldQuestion } from './folded-settings.js';
import { type CheckedLayer, readPolicy } from './policy.js';
import { type Impact, impactOf, type ImpactQuestion, schemaCheck } from './impact.js';
import { compileSchema, InvalidSchemaError, newViolations, type Violation } from './schema-validator.js';

/** A thread that runs what tenants wrote: `PolicySandbox` starts it, and ends it when it takes too long. */

export interface SchemaReference {
  readonly id: string;
  /** Absent where the thread should know it. */
  readonly text?: string;
}

export type Task =
  | { readonly kind: 'fold'; readonly question: FoldQuestion }
  | { readonly kind: 'compile'; readonly schema: Required<SchemaReference> }
  | {
      readonly kind: 'check';
      readonly schemas: readonly SchemaReference[];
      readonly before: string | null;
      readonly after: string;
    }
  | {
      readonly kind: 'impact';
      readonly question: ImpactQuestion;
      /** The schemas of the policy that is changed: for organizations, and for users. */
      readonly schemas: readonly (SchemaReference & { readonly layer: CheckedLayer })[];
    };

/** What a check of one schema found. */
export interface Found {
  readonly count: number;
  /** The first of them. */
  readonly violations: readonly Violation[];
}

export type Result =
  | { readonly status: 'compiled' }
  | { readonly status: 'invalid'; readonly detail: string }
  | { readonly status: 'unknown-schema' }
  | { readonly status: 'checked'; readonly found: readonly Found[] }
  | { readonly status: 'measured'; readonly impact: Impact }
  | { readonly status: 'folded'; readonly folded: FoldedSettings };

/** Sent once, when the thread can work: its id in /proc, where that is known. */
export interface Ready {
  readonly status: 'ready';
  readonly threadId: string | null;
}

/** How many compiled schemas a thread keeps, and how long their texts may be in all. */
const MAX_SCHEMAS = 200;
const MAX_CHARACTERS = 4 * 1024 * 1024;

const MAX_VIOLATIONS = 100;

const validators = new LRUCache<string, { validate: ValidateFunction; length: number }>({
  max: MAX_SCHEMAS,
  maxSize: MAX_CHARACTERS,
  sizeCalculation: ({ length }) => length + 1,
});

function validatorOf({ id, text }: SchemaReference): ValidateFunction | undefined {
  const known = validators.get(id)?.validate;
  if (known !== undefined || text === undefined) return known;
  const validate = compileSchema(text);
  validators.set(id, { validate, length: text.length });
  return validate;
}

function run(task: Task): Result {
  if (task.kind === 'fold') return { status: 'folded', folded: foldDocuments(task.question, readPolicy) };
  if (task.kind === 'compile') {
    validatorOf(task.schema);
    return { status: 'compiled' };
  }
  if (task.kind === 'impact') {
    const checks: Parameters<typeof impactOf>[1] = Object.fromEntries(
      task.schemas.map(({ id, text, layer }) => {
        const validate = validatorOf(text === undefined ? { id } : { id, text });
        return [layer, validate && schemaCheck(validate, text!)];
      }),
    );
    return { status: 'measured', impact: impactOf(task.question, checks) };
  }
  const found: Found[] = [];
  for (const schema of task.schemas) {
    const validate = validatorOf(schema);
    if (validate === undefined) return { status: 'unknown-schema' };
    const violations = newViolations(validate, task.before, task.after);
    found.push({ count: violations.length, violations: violations.slice(0, MAX_VIOLATIONS) });
  }
  return { status: 'checked', found };
}

/** On Linux the processor time of a thread stands under this id. */
function ownThreadId(): string | null {
  try {
    return readlinkSync('/proc/thread-self').split('/').at(-1)!;
  } catch {
    return null;
  }
}

const port = parentPort!;
port.on('message', (task: Task) => {
  try {
    port.postMessage(run(task) satisfies Result);
  } catch (error) {
    // A schema may also refer to itself without end, which overflows the stack.
    const detail =
      error instanceof InvalidSchemaError
        ? error.message
        : error instanceof InvalidInputError
          ? error.detail
          : ' cannot be checked';
    port.postMessage({ status: 'invalid', detail } satisfies Result);
  }
});
port.postMessage({ status: 'ready', threadId: ownThreadId() } satisfies Ready);
