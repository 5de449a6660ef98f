import { type Draft, namesOf } from '../document/draft.js';
import type { Conflict } from '../json/merge.js';
import { nameOf } from '../json/path.js';
import type { JsonValue } from '../json/value.js';
import { texts } from '../texts.js';
import { Changes } from '../ui/changes.js';
import { excerptsOf, Whole } from '../ui/excerpt.js';
import { timeText } from '../ui/time.js';

/** Who was faster, what they changed, and what has to be decided between them and the draft. */
export function MeanwhilePanel({ draft }: { readonly draft: Draft }) {
  const meanwhile = draft.meanwhile.value;
  if (meanwhile === undefined) return null;
  const { by, changes } = meanwhile;
  const undecided = draft.undecided.value;
  return (
    <section class="notice meanwhile" aria-label={texts.meanwhile.label}>
      <p role="status">
        <strong>{texts.meanwhile.title(namesOf(by), by[0] && timeText(by[0].at))}</strong>{' '}
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
  const [was, own, other] = excerptsOf([base, mine, theirs], [mine ?? base, theirs ?? base]);
  return (
    <fieldset>
      <legend>
        <code>{nameOf(path)}</code> <span class="hint">{texts.meanwhile.before(was ?? texts.meanwhile.removed)}</span>
      </legend>
      <button type="button" onClick={() => onDecide(mine)}>
        {texts.meanwhile.keepMine} <code>{own ?? texts.meanwhile.removed}</code>
      </button>
      <button type="button" onClick={() => onDecide(theirs)}>
        {texts.meanwhile.takeTheirs} <code>{other ?? texts.meanwhile.removed}</code>
      </button>
      <Whole label={texts.meanwhile.wholeBase} value={base} excerpt={was} />
      <Whole label={texts.meanwhile.wholeMine} value={mine} excerpt={own} />
      <Whole label={texts.meanwhile.wholeTheirs} value={theirs} excerpt={other} />
    </fieldset>
  );
}
