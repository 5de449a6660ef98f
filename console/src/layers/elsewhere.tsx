import { nameOf, type Path } from '../json/path.js';
import { briefly } from '../json/text.js';
import type { JsonObject, JsonValue } from '../json/value.js';
import { texts } from '../texts.js';
import { type Effective, hintAt, type Layer, leavesElsewhere, lockOver } from './effective.js';
import { aboutOf, firstValueOf, unsetProperties } from './schema.js';

interface Props {
  readonly layer: Layer;
  readonly effective: Effective;
  readonly document: JsonObject;
  readonly schema: JsonValue | undefined;
  readonly isWritable: boolean;
  readonly onSet: (path: Path, value: JsonValue) => void;
}

/** What is not in the document, and may be set there. */
interface Leaf {
  readonly path: Path;
  /** With what it begins when it is set. */
  readonly value: JsonValue;
  /** What applies; absent where nothing does. */
  readonly shown?: string;
  readonly from: string;
}

const SHOWN = 200;

/** What applies besides, from other layers and from defaults, and what could be set. */
export function Elsewhere({ layer, effective, document, schema, isWritable, onSet }: Props) {
  const leaves: Leaf[] = [
    ...leavesElsewhere(effective, layer, document).map(({ path, value, reason }) => ({
      path,
      value,
      shown: briefly(value),
      from: texts.layers.from[reason.from],
    })),
    ...unsetProperties(schema, [document, effective.settings]).map(({ path, hint }) => ({
      path,
      value: firstValueOf(hint),
      from: texts.layers.unset,
    })),
  ];
  if (leaves.length === 0) return null;
  return (
    <section class="elsewhere">
      <h2>{texts.layers.elsewhere}</h2>
      <ul class="changes" tabIndex={0} aria-label={texts.layers.elsewhere}>
        {leaves.slice(0, SHOWN).map(({ path, value, shown, from }) => {
          const about = aboutOf(hintAt(schema, path));
          const lock = lockOver(effective, layer, path);
          return (
            <li key={nameOf(path)} class="row">
              <code class="key">{nameOf(path)}</code>
              {shown !== undefined && <code class="value">{shown}</code>}
              <span class="hint">{from}</span>
              {about !== '' && <span class="hint">{about}</span>}
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
