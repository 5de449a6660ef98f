import { AppError } from '../common/errors/app-error.js';
import { InvalidInputError } from '../common/errors/common.errors.js';

/** A DELETE that names no keys at all. */
export class KeysRequiredError extends AppError {
  readonly code = 'KEYS_REQUIRED';
  readonly kind = 'invalid';

  constructor(detail: string) {
    super('Keys array is required and must not be empty', detail);
  }
}

/** A JSON Patch (RFC 6902) that is well-formed and does not fit the document: a test fails, or a target is missing. */
export class PatchConflictError extends AppError {
  readonly code = 'PATCH_CONFLICT';
  readonly kind = 'conflict';

  constructor(detail: string) {
    super('The patch does not apply to the current document', detail);
  }
}

/** The most places that an error names. */
const MAX_NAMED = 10;

/** How long `Settings-Violations` may be. */
const MAX_HEADER_LENGTH = 4096;

/** A rule that a change breaks, as callers see it. */
export interface NamedViolation {
  /** RFC 6901 */
  readonly pointer: string;
  /** A keyword of JSON Schema, or `lock`. */
  readonly rule: string;
  readonly message: string;
  /** Whose policy says so. */
  readonly by: string;
}

/** A policy that is enforced says that the document must not become so. */
export class PolicyViolationError extends InvalidInputError {
  override readonly code = 'POLICY_VIOLATION';
  override readonly headers: Record<string, string>;

  /** @param count how many there are in all */
  constructor(violations: readonly NamedViolation[], count: number) {
    const [{ pointer, message }] = violations as [NamedViolation];
    const more = count > 1 ? ` (and ${count - 1} more)` : '';
    super(`${pointer === '' ? 'the document' : pointer} ${message}${more}`);
    this.headers = headersOf(violations);
  }
}

/** A policy locks a setting that the change would give another value. */
export class SettingLockedError extends AppError {
  readonly code = 'SETTING_LOCKED';
  readonly kind = 'forbidden';
  override readonly headers: Record<string, string>;

  constructor(locks: readonly { by: string; pointer: string; reason?: string }[]) {
    const owners = [...new Set(locks.map(({ by }) => by))];
    const named = locks.slice(0, MAX_NAMED);
    const groups = owners.flatMap((owner) => {
      const pointers = named.flatMap(({ by, pointer, reason }) =>
        by === owner
          ? [`${pointer === '' ? 'the document' : pointer}${reason === undefined ? '' : ` (${reason})`}`]
          : [],
      );
      return pointers.length === 0 ? [] : [`locked by the ${owner}: ${pointers.join(', ')}`];
    });
    const more = locks.length > MAX_NAMED ? `, and ${locks.length - MAX_NAMED} more` : '';
    super('Insufficient permissions: the setting is locked', `${groups.join('; ')}${more}`);
    this.headers = headersOf(
      locks.map(({ by, pointer, reason }) => ({ pointer, rule: 'lock', message: reason ?? 'is locked', by })),
    );
  }
}

/** The first of them as JSON in ASCII, as many as may be named and fit. */
function headersOf(violations: readonly NamedViolation[]): Record<string, string> {
  let items: string[] = [];
  let length = 2;
  for (const { pointer, rule, message, by } of violations.slice(0, MAX_NAMED)) {
    const item = JSON.stringify({ pointer, rule, message, by }).replace(
      /[\u007f-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    if ((length += item.length + 1) > MAX_HEADER_LENGTH) break;
    items = [...items, item];
  }
  return { 'Settings-Violations': `[${items.join()}]` };
}
