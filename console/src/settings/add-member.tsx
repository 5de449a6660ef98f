import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf, type Path } from '../json/path.js';
import { type JsonObject, type JsonValue } from '../json/value.js';
import { TextField } from '../ui/field.js';
import { texts } from '../texts.js';

interface Props {
  readonly container: JsonObject | JsonValue[];
  readonly path: Path;
  readonly onAdd: (path: Path, value: JsonValue) => void;
}

/** Adds a key to an object, or an element to an array: a text at first, which may become something else. */
export function AddMember({ container, path, onAdd }: Props) {
  const [key, setKey] = useState<string>();
  const place = path.length === 0 ? texts.tree.document : nameOf(path);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && key === undefined) button.current?.focus();
    wasOpen.current = key !== undefined;
  }, [key]);
  if (key === undefined) {
    const isArray = Array.isArray(container);
    return (
      <button
        ref={button}
        type="button"
        class="quiet add"
        aria-label={isArray ? texts.tree.addItemTo(place) : texts.tree.addKeyTo(place)}
        onClick={() => (isArray ? onAdd([...path, String(container.length)], '') : setKey(''))}
      >
        + {isArray ? texts.tree.addItem : texts.tree.addKey}
      </button>
    );
  }
  const isTaken = Object.hasOwn(container, key);
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault();
        if (isTaken || key === '') return;
        onAdd([...path, key], '');
        setKey(undefined);
      }}
      onKeyDown={({ key: pressed }) => pressed === 'Escape' && setKey(undefined)}
    >
      <TextField label={texts.tree.newKey(place)} value={key} onText={setKey} autoFocus required />
      <button type="submit" disabled={isTaken || key === ''}>
        {texts.tree.add}
      </button>
      <button type="button" class="quiet" onClick={() => setKey(undefined)}>
        {texts.common.cancel}
      </button>
      {isTaken && <p class="hint">{texts.tree.taken(key)}</p>}
    </form>
  );
}
