import { useState } from 'preact/hooks';
import type { VersionedDocument, VersionInfo } from '../document/versioned-document.js';
import { changesBetween } from '../json/difference.js';
import { nameOf, pathOf } from '../json/path.js';
import { texts } from '../texts.js';
import { Changes } from '../ui/changes.js';
import { Problem } from '../ui/problem.js';
import { Time } from '../ui/time.js';
import { useLoaded } from '../ui/use-loaded.js';
import { changeOf } from './change-of.js';
import { RestoreDialog } from './restore-dialog.js';
import { UndoDialog } from './undo-dialog.js';

interface Props {
  readonly document: VersionedDocument;
  readonly info: VersionInfo;
  /** Whether the document is in this version. */
  readonly isCurrent: boolean;
  readonly onChanged: () => void;
}

/** Keys that a line names. */
const NAMED = 3;

/** One change: who, when, why; on demand what it changed, and the two ways back. */
export function VersionItem({ document, info, isCurrent, onChanged }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [way, setWay] = useState<'undo' | 'restore'>();
  const { version, at, actor, operation, paths, reason, thinned = false } = info;
  const who = actor.email ?? actor.id ?? texts.history.operator;
  const close = () => setWay(undefined);
  const isUndoable = operation !== 'baseline' && operation !== 'create';
  return (
    <li>
      <button type="button" class="quiet version" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class="number">{texts.history.version(version)}</span>
        <span>
          <strong>{who}</strong> {texts.operations[operation] ?? operation} <Keys paths={paths} />
          {reason !== null && <q>{reason}</q>}
        </span>
        <Time at={at} />
      </button>
      {isOpen && (
        <div class="version-details">
          {thinned ? <p class="hint">{texts.history.thinned}</p> : <WhatChanged document={document} info={info} />}
          {document.isWritable && !thinned && (isUndoable || !isCurrent) && (
            <p class="actions">
              {isUndoable && (
                <button type="button" onClick={() => setWay('undo')}>
                  {texts.history.undo}
                </button>
              )}
              {!isCurrent && (
                <button type="button" onClick={() => setWay('restore')}>
                  {texts.history.restore(version)}
                </button>
              )}
            </p>
          )}
        </div>
      )}
      {way === 'undo' && <UndoDialog document={document} version={version} onClose={close} onDone={onChanged} />}
      {way === 'restore' && <RestoreDialog document={document} version={version} onClose={close} onDone={onChanged} />}
    </li>
  );
}

function Keys({ paths }: { readonly paths: readonly string[] }) {
  const names = paths.slice(0, NAMED).map((path) => nameOf(pathOf(path)));
  return (
    <>
      {names.map((name) => (
        <code key={name}>{name}</code>
      ))}
      {paths.length > NAMED && texts.history.moreKeys(paths.length - NAMED)}
    </>
  );
}

function WhatChanged({ document, info: { version } }: Pick<Props, 'document' | 'info'>) {
  const { value, error, reload } = useLoaded(async () => {
    const { before, after } = await changeOf(document, version);
    return before === undefined ? 'unknown' : changesBetween(before, after);
  }, [document, version]);
  if (error !== undefined) return <Problem error={error} onRetry={reload} />;
  if (value === undefined) return <p class="hint">{texts.common.loading}</p>;
  return value === 'unknown' ? <p class="hint">{texts.history.thinnedBefore}</p> : <Changes changes={value} />;
}
