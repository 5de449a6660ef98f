import type { ComponentChildren, HTMLInputTypeAttribute } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { texts } from '../texts.js';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: (id: string, describedBy: string | undefined) => ComponentChildren;
}

/** A label above whatever takes the input, and below what is to be known about it. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, hintId)}
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly type?: HTMLInputTypeAttribute;
  readonly min?: string;
  readonly maxLength?: number;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly autoFocus?: boolean;
}

export function TextField({ label, hint, value, onText, autoFocus = false, ...rest }: TextFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, []);
  return (
    <Field label={label} hint={hint}>
      {(id, describedBy) => (
        <input
          ref={input}
          id={id}
          aria-describedby={describedBy}
          value={value}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
          // Preact has a type of its own for each kind of input, and none for one that is chosen later.
          {...(rest as object)}
        />
      )}
    </Field>
  );
}

/** Why a change is made, for those who read the history. */
export function ReasonField({ value, onText }: Pick<TextFieldProps, 'value' | 'onText'>) {
  return (
    <TextField label={texts.save.reason} hint={texts.save.reasonHint} value={value} maxLength={500} onText={onText} />
  );
}
