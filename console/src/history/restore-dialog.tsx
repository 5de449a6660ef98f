import { changesBetween } from '../json/difference.js';
import { ImpactNote } from '../layers/impact-note.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { Dialog } from '../ui/dialog.js';
import { Problem } from '../ui/problem.js';
import { SaveDialog } from '../ui/save-dialog.js';
import { useLoaded } from '../ui/use-loaded.js';
import type { WayBackProps } from './undo-dialog.js';

/** Makes the document what it was in a version: everything that came after it is gone, and stays in the history. */
export function RestoreDialog({ document, version, onClose, onDone }: WayBackProps) {
  const { value, error, reload } = useLoaded(async () => {
    const [then, current] = await Promise.all([document.version(version), document.read()]);
    return { current, then, changes: changesBetween(current.value, then) };
  }, [document, version]);
  const title = texts.restore.title(version);
  if (value === undefined || value.changes.length === 0) {
    return (
      <Dialog title={title} onClose={onClose}>
        {error !== undefined && <Problem error={error} onRetry={reload} />}
        {error === undefined && <p>{value === undefined ? texts.common.loading : texts.restore.nothing}</p>}
      </Dialog>
    );
  }
  const { current, then, changes } = value;
  return (
    <SaveDialog
      title={title}
      action={texts.restore.action}
      changes={changes}
      note={<ImpactNote load={() => document.impact(current.value, then)} />}
      onClose={onClose}
      onConfirm={async (reason) => {
        await document.restore(version, { ifVersion: current.version, ...(reason !== '' && { reason }) });
        announce(texts.restore.done);
        onDone();
      }}
    />
  );
}
