import { useRef } from 'preact/hooks';
import { areEqual, type JsonValue, type Kind, kindOf, scalarText } from '../json/value.js';
import { texts } from '../texts.js';
import { NUMBER, numberOf } from './value-input.js';

const KINDS: readonly Kind[] = ['string', 'number', 'boolean', 'object', 'array', 'null'];

interface Props {
  readonly label: string;
  readonly value: JsonValue;
  readonly onChange: (value: JsonValue) => void;
}

/**
 * Makes another kind of value of a value, which keeps what the kinds have in common. Until it is left, each kind is
 * made of the first value, because the keyboard leads through those between.
 */
export function KindSelect({ label, value, onChange }: Props) {
  const kind = kindOf(value);
  const first = useRef(value);
  const made = useRef(value);
  // Somebody else made another one of it.
  if (!areEqual(value, made.current)) first.current = made.current = value;
  return (
    <select
      class="quiet"
      aria-label={label}
      value={kind}
      onFocus={() => (first.current = value)}
      onChange={({ currentTarget }) => {
        made.current = converted(first.current, currentTarget.value as Kind);
        onChange(made.current);
      }}
    >
      {KINDS.map((name) => (
        <option key={name} value={name}>
          {texts.kinds[name]}
        </option>
      ))}
    </select>
  );
}

export function converted(value: JsonValue, kind: Kind): JsonValue {
  if (kind === kindOf(value)) return value;
  const isScalar = !['object', 'array', 'null'].includes(kindOf(value));
  const text = isScalar ? scalarText(value) : '';
  switch (kind) {
    case 'string':
      return text;
    case 'number':
      return NUMBER.test(text) ? numberOf(text) : 0;
    case 'boolean':
      return text === 'true';
    case 'object':
      return {};
    case 'array':
      return isScalar ? [value] : [];
    case 'null':
      return null;
  }
}
