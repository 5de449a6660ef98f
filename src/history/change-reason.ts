import { isUtf8 } from 'node:buffer';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { plainTextProblemOf } from '../common/validation/is-plain-text.decorator.js';
import type { OperatorOrigin } from './change-origin.js';

/** The most characters of a `Change-Reason`. */
const MAX_REASON_LENGTH = 500;

/** The most characters of an operator's name. */
const MAX_OPERATOR_LENGTH = 200;

/** The start of a percent-encoded text (RFC 8187 §3.2.1): the charset, and a language tag that may be missing. */
const EXTENDED = /^utf-8'[a-z\d-]*'/i;

/** Embeddings, overrides and isolates: they change the direction of the text around them (UAX #9 §2). */
const BIDIRECTIONAL_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;

/**
 * Reads a `Change-Reason`: one line of text, trimmed. Bytes that are valid UTF-8 are UTF-8, others ISO 8859-1 (RFC 9110
 * §5.5); `UTF-8''R%C3%BCck` is percent-encoded (RFC 8187 §3.2.1).
 *
 * @param header one character for each byte, as Node has it
 * @returns `null` when it is blank
 * @throws InvalidInputError
 */
export function readChangeReason(header: string): string | null {
  const bytes = Buffer.from(header, 'latin1');
  const text = isUtf8(bytes) ? bytes.toString('utf8') : header;
  return requireLine('Change-Reason', decode(text.trim()), MAX_REASON_LENGTH);
}

/**
 * What an operator says about a change.
 *
 * @throws InvalidInputError
 */
export function readOperatorOrigin({ reason = '', as = '' }: { reason?: string; as?: string }): OperatorOrigin {
  return {
    reason: requireLine('reason', reason, MAX_REASON_LENGTH),
    operator: requireLine('as', as, MAX_OPERATOR_LENGTH),
  };
}

/** One line of text, trimmed; `null` when it is blank. */
function requireLine(name: string, text: string, max: number): string | null {
  const line = text.trim();
  const problem = BIDIRECTIONAL_CONTROL.test(line)
    ? 'must not contain bidirectional control characters'
    : plainTextProblemOf(line, { max });
  if (problem !== undefined) throw new InvalidInputError(`${name} ${problem}`);
  return line === '' ? null : line;
}

function decode(text: string): string {
  const start = EXTENDED.exec(text)?.[0];
  if (start === undefined) return text;
  try {
    return decodeURIComponent(text.slice(start.length));
  } catch {
    throw new InvalidInputError("Change-Reason must be percent-encoded UTF-8 after UTF-8'' (RFC 8187)");
  }
}
