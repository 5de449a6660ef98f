import type { Draft } from '../document/draft.js';
import type { Conflict } from '../json/merge.js';
import { nameOf } from '../json/path.js';
import { briefly } from '../json/text.js';
import type { JsonValue } from '../json/value.js';
import { texts } from '../texts.js';
import { Changes } from '../ui/changes.js';
import { timeText } from '../ui/time.js';

/** Who was faster, what they changed, and what has to be decided between them and the draft. */
export function MeanwhilePanel({ draft }: { readonly draft: Draft }) {
  const meanwhile = draft.meanwhile.value;
  if (meanwhile === undefined) return null;
  const { by, changes } = meanwhile;
  const who = by?.actor.email ?? by?.actor.id ?? texts.meanwhile.somebody;
  const undecided = draft.undecided.value;
  return (
    <section class="notice meanwhile" aria-label={texts.meanwhile.label}>
      <p role="status">
        <strong>{texts.meanwhile.title(who, by && timeText(by.at))}</strong>{' '}
        {undecided.length === 0 ? texts.meanwhile.merged : texts.meanwhile.collides(undecided.length)}
      </p>
      {undecided.map((conflict) => (
        <Choice key={nameOf(conflict.path)} conflict={conflict} onDecide={(value) => draft.decide(conflict, value)} />
      ))}
      <details>
        <summary>{texts.meanwhile.theirs(changes.length)}</summary>
        <Changes changes={changes} />
      </details>
    </section>
  );
}

interface ChoiceProps {
  readonly conflict: Conflict;
  readonly onDecide: (value: JsonValue | undefined) => void;
}

function Choice({ conflict: { path, base, mine, theirs }, onDecide }: ChoiceProps) {
  const show = (value: JsonValue | undefined) => (value === undefined ? texts.meanwhile.removed : briefly(value, 300));
  return (
    <fieldset>
      <legend>
        <code>{nameOf(path)}</code> <span class="hint">{texts.meanwhile.before(show(base))}</span>
      </legend>
      <button type="button" onClick={() => onDecide(mine)}>
        {texts.meanwhile.keepMine} <code>{show(mine)}</code>
      </button>
      <button type="button" onClick={() => onDecide(theirs)}>
        {texts.meanwhile.takeTheirs} <code>{show(theirs)}</code>
      </button>
    </fieldset>
  );
}
