import { nameOf, type Path } from '../json/path.js';
import { briefly } from '../json/text.js';
import type { JsonObject, JsonValue } from '../json/value.js';
import { texts } from '../texts.js';
import { type Effective, type Layer, leavesElsewhere, lockOver } from './effective.js';

interface Props {
  readonly layer: Layer;
  readonly effective: Effective;
  readonly document: JsonObject;
  readonly isWritable: boolean;
  readonly onSet: (path: Path, value: JsonValue) => void;
}

const SHOWN = 200;

/** What applies besides: from other layers, and from defaults. */
export function Elsewhere({ layer, effective, document, isWritable, onSet }: Props) {
  const leaves = leavesElsewhere(effective, layer, document);
  if (leaves.length === 0) return null;
  return (
    <section class="elsewhere">
      <h2>{texts.layers.elsewhere}</h2>
      <ul class="changes">
        {leaves.slice(0, SHOWN).map(({ path, value, reason }) => {
          const lock = lockOver(effective, layer, path);
          return (
            <li key={nameOf(path)} class="row">
              <code class="key">{nameOf(path)}</code>
              <code class="value">{briefly(value)}</code>
              <span class="hint">{texts.layers.from[reason.from]}</span>
              {lock && <span class="badge warning">{texts.layers.locked(lock.by, lock.reason)}</span>}
              {isWritable && lock === undefined && (
                <button
                  type="button"
                  class="quiet"
                  aria-label={texts.layers.setOf(nameOf(path))}
                  onClick={() => onSet(path, value)}
                >
                  {texts.layers.set}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {leaves.length > SHOWN && <p class="hint">{texts.changes.more(leaves.length - SHOWN)}</p>}
    </section>
  );
}
