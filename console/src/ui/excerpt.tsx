import { useState } from 'preact/hooks';
import { differenceOf, excerptOf } from '../json/excerpt.js';
import { lineOf, textOf } from '../json/text.js';
import type { JsonValue } from '../json/value.js';

/** A value on one line; a long one around where it differs first from another. */
export function excerptsOf(
  values: readonly (JsonValue | undefined)[],
  [one, other]: readonly [JsonValue | undefined, JsonValue | undefined],
): (string | undefined)[] {
  const at = one === undefined || other === undefined ? 0 : differenceOf(lineOf(one), lineOf(other));
  return values.map((value) => (value === undefined ? undefined : excerptOf(lineOf(value), at)));
}

interface WholeProps {
  readonly label: string;
  readonly value: JsonValue | undefined;
  /** What is shown of it already. */
  readonly excerpt: string | undefined;
}

/** The whole of a value, on demand, where an excerpt leaves something out. */
export function Whole({ label, value, excerpt }: WholeProps) {
  const [isOpen, setOpen] = useState(false);
  if (value === undefined || lineOf(value) === excerpt) return null;
  return (
    <details class="whole" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{label}</summary>
      {isOpen && (
        <pre tabIndex={0} aria-label={label}>
          {textOf(value)}
        </pre>
      )}
    </details>
  );
}
