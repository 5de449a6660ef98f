import { JsonNumber } from '@flashback/client/lossless';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { briefly } from '../json/text.js';
import { areEqual, type JsonValue, kindOf, scalarText } from '../json/value.js';
import { texts } from '../texts.js';

interface Props {
  readonly label: string;
  readonly value: JsonValue;
  /** The values that there may be, where somebody said so. */
  readonly choices?: readonly JsonValue[] | undefined;
  readonly isWritable: boolean;
  readonly onChange: (value: JsonValue) => void;
}

/** Longer texts have several lines to be read in. */
const LONG = 200;

/** RFC 8259 §6. */
export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** An input that suits a scalar: a box to tick, a number that keeps its digits, a text. */
export function ValueInput({ label, value, choices, isWritable, onChange }: Props) {
  const kind = kindOf(value);
  if (!isWritable || kind === 'null') return <code class="value">{briefly(value, 1_000)}</code>;
  if (choices !== undefined) {
    const all = choices.some((choice) => areEqual(choice, value)) ? choices : [value, ...choices];
    return (
      <select
        class="value"
        aria-label={label}
        value={briefly(value)}
        onChange={({ currentTarget }) => onChange(all[currentTarget.selectedIndex]!)}
      >
        {all.map((choice) => (
          <option key={briefly(choice)} value={briefly(choice)}>
            {scalarText(choice) || briefly(choice)}
          </option>
        ))}
      </select>
    );
  }
  if (kind === 'boolean') {
    return (
      <label class="switch value">
        <input
          type="checkbox"
          aria-label={label}
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <span aria-hidden="true">{scalarText(value)}</span>
      </label>
    );
  }
  if (kind === 'number') return <NumberInput label={label} value={scalarText(value)} onChange={onChange} />;
  const text = value as string;
  // No input keeps a carriage return.
  if (text.includes('\r')) {
    return (
      <span class="value">
        <code>{briefly(text, 1_000)}</code> <span class="hint">{texts.tree.asText}</span>
      </span>
    );
  }
  return <TextInput label={label} value={text} onChange={onChange} />;
}

interface TypedProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: JsonValue) => void;
}

function TextInput({ label, value, onChange }: TypedProps) {
  // It stays what it is while somebody types, who would lose the place; only an input cannot hold several lines.
  const isArea = useRef(value.length > LONG);
  isArea.current ||= value.includes('\n');
  const onInput = ({ currentTarget }: { currentTarget: { value: string } }) => onChange(currentTarget.value);
  return isArea.current ? (
    <textarea class="value" aria-label={label} value={value} rows={4} onInput={onInput} />
  ) : (
    <input class="value" aria-label={label} value={value} onInput={onInput} />
  );
}

function NumberInput({ label, value, onChange }: TypedProps) {
  const [text, setText] = useState(value);
  // Another value came from elsewhere.
  useEffect(() => {
    if (NUMBER.test(text) && String(numberOf(text)) !== value) setText(value);
  }, [value]);
  const isValid = NUMBER.test(text);
  const hintId = useId();
  return (
    <>
      <input
        class="value number"
        inputMode="decimal"
        aria-label={label}
        aria-invalid={!isValid}
        aria-describedby={isValid ? undefined : hintId}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          if (NUMBER.test(currentTarget.value)) onChange(numberOf(currentTarget.value));
        }}
      />
      {!isValid && (
        <span class="hint" id={hintId} role="status">
          {texts.tree.noNumber(value)}
        </span>
      )}
    </>
  );
}

/** A plain number where it has all the digits of the text. */
export function numberOf(text: string): number | JsonNumber {
  const number = Number(text);
  const isExact = String(number) === text && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
  return isExact ? number : new JsonNumber(text);
}
