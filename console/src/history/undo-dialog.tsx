import type { VersionedDocument } from '../document/versioned-document.js';
import { changesBetween } from '../json/difference.js';
import { nameOf } from '../json/path.js';
import { ImpactNote } from '../layers/impact-note.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { Dialog } from '../ui/dialog.js';
import { Problem } from '../ui/problem.js';
import { SaveDialog } from '../ui/save-dialog.js';
import { useLoaded } from '../ui/use-loaded.js';
import { changeOf } from './change-of.js';
import { withoutChange } from './without-change.js';

export interface WayBackProps {
  readonly document: VersionedDocument;
  readonly version: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Takes back what one version changed, and nothing of what came after it. */
export function UndoDialog({ document, version, onClose, onDone }: WayBackProps) {
  const { value, error, reload } = useLoaded(async () => {
    const [{ before, after }, current] = await Promise.all([changeOf(document, version), document.read()]);
    return before === undefined ? 'unknown' : { current, ...withoutChange(before, after, current.value) };
  }, [document, version]);

  const title = texts.undo.title(version);
  if (value === undefined) {
    return (
      <Dialog title={title} onClose={onClose}>
        {error === undefined ? <p>{texts.common.loading}</p> : <Problem error={error} onRetry={reload} />}
      </Dialog>
    );
  }
  if (value === 'unknown') {
    return (
      <Dialog title={title} onClose={onClose}>
        <p>{texts.history.thinnedBefore}</p>
      </Dialog>
    );
  }
  const { current, undone, kept } = value;
  const changes = changesBetween(current.value, undone);
  const notice =
    kept.length === 0 ? undefined : texts.undo.changedSince(kept.map(({ path }) => nameOf(path)).join(', '));
  if (changes.length === 0) {
    return (
      <Dialog title={title} onClose={onClose}>
        <p>{notice ?? texts.undo.nothing}</p>
      </Dialog>
    );
  }
  return (
    <SaveDialog
      title={title}
      action={texts.undo.action}
      changes={changes}
      notice={notice}
      note={<ImpactNote load={() => document.impact(current.value, undone)} />}
      onClose={onClose}
      onConfirm={async (reason) => {
        await document.change(current.value, undone, {
          ifVersion: current.version,
          reason: reason === '' ? texts.undo.reason(version) : reason,
        });
        announce(texts.undo.done);
        onDone();
      }}
    />
  );
}
