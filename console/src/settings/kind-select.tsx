import { type JsonValue, type Kind, kindOf, scalarText } from '../json/value.js';
import { texts } from '../texts.js';
import { numberOf } from './value-input.js';

const KINDS: readonly Kind[] = ['string', 'number', 'boolean', 'object', 'array', 'null'];

interface Props {
  readonly label: string;
  readonly value: JsonValue;
  readonly onChange: (value: JsonValue) => void;
}

/** Makes another kind of value of a value, which keeps what the kinds have in common. */
export function KindSelect({ label, value, onChange }: Props) {
  const kind = kindOf(value);
  return (
    <select
      class="quiet"
      aria-label={label}
      value={kind}
      onChange={({ currentTarget }) => onChange(converted(value, currentTarget.value as Kind))}
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
  const isScalar = !['object', 'array', 'null'].includes(kindOf(value));
  const text = isScalar ? scalarText(value) : '';
  switch (kind) {
    case 'string':
      return text;
    case 'number':
      return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? numberOf(text) : 0;
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
