import { pointerOf, type Path, valueAt } from '../json/path.js';
import { briefly } from '../json/text.js';
import { areEqual, type JsonValue } from '../json/value.js';
import { texts } from '../texts.js';
import { type Effective, type Hint, isIgnored, type Layer, lockOver } from './effective.js';
import { aboutOf } from './schema.js';

interface Props {
  readonly path: Path;
  readonly value: JsonValue;
  readonly layer: Layer;
  readonly effective: Effective | undefined;
  readonly hint: Hint | undefined;
}

/** What is to be known beside a value: what it means, whether it is locked and why, and what applies in its place. */
export function LayerNote({ path, value, layer, effective, hint }: Props) {
  const reason = effective?.reasons[pointerOf(path)];
  const lock = lockOver(effective, layer, path);
  const applies = effective && valueAt(effective.settings, path);
  const isOther = reason !== undefined && reason.from !== layer && applies !== undefined && !areEqual(applies, value);
  const isWithoutEffect = effective !== undefined && isIgnored(effective, path);
  const about = aboutOf(hint);
  if (about === '' && !hint?.deprecated && lock === undefined && !isOther && !isWithoutEffect) return null;
  return (
    <p class="hint note">
      {about} {hint?.deprecated && <span class="badge warning">{texts.layers.deprecated}</span>}
      {lock && <span class="badge warning">{texts.layers.locked(lock.by, lock.reason)}</span>}{' '}
      {isWithoutEffect && texts.layers.ignored}
      {isOther && (
        <>
          {texts.layers.applies} <code>{briefly(applies)}</code> {texts.layers.from[reason.from]}
        </>
      )}
    </p>
  );
}
