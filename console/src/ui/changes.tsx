import type { Change } from '../json/difference.js';
import { nameOf } from '../json/path.js';
import { briefly } from '../json/text.js';
import type { JsonValue } from '../json/value.js';
import { texts } from '../texts.js';

/** More are seldom read one by one. */
const SHOWN = 200;

/** What changes, key by key: what it was, and what it becomes. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0) return <p class="hint">{texts.changes.none}</p>;
  return (
    <>
      <ul class="changes">
        {changes.slice(0, SHOWN).map(({ path, before, after }) => (
          <li key={nameOf(path)}>
            <code class="key">{nameOf(path)}</code>
            {before !== undefined && <Side value={before} isOld />}
            {after !== undefined && <Side value={after} />}
          </li>
        ))}
      </ul>
      {changes.length > SHOWN && <p class="hint">{texts.changes.more(changes.length - SHOWN)}</p>}
    </>
  );
}

function Side({ value, isOld = false }: { readonly value: JsonValue; readonly isOld?: boolean }) {
  const Element = isOld ? 'del' : 'ins';
  return (
    <Element>
      <span class="for-readers">{isOld ? texts.changes.was : texts.changes.becomes} </span>
      <code>{briefly(value, 300)}</code>
    </Element>
  );
}
