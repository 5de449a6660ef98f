import { isUtf8 } from 'node:buffer';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { plainTextProblemOf } from '../common/validation/is-plain-text.decorator.js';

/** The most characters of a `Change-Reason`. */
const MAX_REASON_LENGTH = 500;

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
  const reason = decode(text.trim()).trim();
  const problem = BIDIRECTIONAL_CONTROL.test(reason)
    ? 'must not contain bidirectional control characters'
    : plainTextProblemOf(reason, { max: MAX_REASON_LENGTH });
  if (problem !== undefined) throw new InvalidInputError(`Change-Reason ${problem}`);
  return reason === '' ? null : reason;
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
