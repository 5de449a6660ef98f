import type { Change } from '../json/difference.js';
import { nameOf } from '../json/path.js';
import { texts } from '../texts.js';
import { excerptsOf, Whole } from './excerpt.js';

/** More are seldom read one by one. */
const SHOWN = 200;

/** What changes, key by key: what it was, and what it becomes. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0) return <p class="hint">{texts.changes.none}</p>;
  return (
    <>
      <ul class="changes" tabIndex={0} aria-label={texts.changes.label}>
        {changes.slice(0, SHOWN).map((change) => (
          <Item key={nameOf(change.path)} change={change} />
        ))}
      </ul>
      {changes.length > SHOWN && <p class="hint">{texts.changes.more(changes.length - SHOWN)}</p>}
    </>
  );
}

function Item({ change: { path, before, after } }: { readonly change: Change }) {
  const [was, becomes] = excerptsOf([before, after], [before, after]);
  return (
    <li>
      <code class="key">{nameOf(path)}</code>
      {was !== undefined && (
        <del>
          <span class="for-readers">{texts.changes.was} </span>
          <code>{was}</code>
        </del>
      )}
      <Whole label={texts.changes.wholeBefore} value={before} excerpt={was} />
      {becomes !== undefined && (
        <ins>
          <span class="for-readers">{texts.changes.becomes} </span>
          <code>{becomes}</code>
        </ins>
      )}
      <Whole label={texts.changes.wholeAfter} value={after} excerpt={becomes} />
    </li>
  );
}
