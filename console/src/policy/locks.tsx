import { useState } from 'preact/hooks';
import type { Draft } from '../document/draft.js';
import { nameOf, pathNamed, pathOf, pointerOf } from '../json/path.js';
import { isObject, type JsonObject, membersOf } from '../json/value.js';
import { texts } from '../texts.js';
import { Field, TextField } from '../ui/field.js';

const ENFORCEMENTS = ['off', 'warn', 'enforce'] as const;

/** The locks of a policy, and how strict it is. */
export function Locks({ draft }: { readonly draft: Draft }) {
  const { value } = draft.value;
  const { isWritable } = draft.document;
  const locks = isObject(value['locks']) ? value['locks'] : {};
  const [key, setKey] = useState('');
  const enforcement = typeof value['enforcement'] === 'string' ? value['enforcement'] : 'enforce';
  const set = (next: JsonObject) => draft.set(['locks'], Object.keys(next).length === 0 ? undefined : next);
  return (
    <>
      {Object.keys(locks).length === 0 && <p class="hint">{texts.policy.none}</p>}
      {membersOf(locks).map(([locked, lock]) => {
        const name = nameOf(pathOf(locked));
        const reason = isObject(lock) && typeof lock['reason'] === 'string' ? lock['reason'] : '';
        return (
          <div key={locked} class="lock">
            <TextField
              label={texts.policy.reasonOf(name)}
              value={reason}
              readOnly={!isWritable}
              onText={(text) => set({ ...locks, [locked]: text === '' ? {} : { reason: text } })}
            />
            {isWritable && (
              <button
                type="button"
                aria-label={texts.policy.unlockOf(name)}
                onClick={() => set(Object.fromEntries(Object.entries(locks).filter(([one]) => one !== locked)))}
              >
                {texts.policy.unlock}
              </button>
            )}
          </div>
        );
      })}
      {isWritable && (
        <form
          class="filters"
          onSubmit={(event) => {
            event.preventDefault();
            const pointer = pointerOf(pathNamed(key.trim()));
            set({ ...locks, [pointer]: locks[pointer] ?? {} });
            setKey('');
          }}
        >
          <TextField label={texts.policy.key} hint={texts.policy.keyHint} value={key} onText={setKey} required />
          <button type="submit">{texts.policy.lock}</button>
        </form>
      )}
      <Field label={texts.policy.enforcement} hint={texts.policy.enforcements[enforcement]}>
        {(id, describedBy) => (
          <select
            id={id}
            aria-describedby={describedBy}
            value={enforcement}
            disabled={!isWritable}
            onChange={({ currentTarget }) => draft.set(['enforcement'], currentTarget.value)}
          >
            {ENFORCEMENTS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}
