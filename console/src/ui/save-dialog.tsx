import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Change } from '../json/difference.js';
import { texts } from '../texts.js';
import { Changes } from './changes.js';
import { Dialog } from './dialog.js';
import { ReasonField } from './field.js';
import { Problem } from './problem.js';

interface Props {
  readonly title: string;
  readonly action: string;
  readonly changes?: readonly Change[];
  readonly notice?: string | undefined;
  /** Stands below the changes. */
  readonly note?: ComponentChildren;
  readonly onClose: () => void;
  /** What it throws is shown, and the dialog stays. */
  readonly onConfirm: (reason: string) => Promise<unknown>;
}

/** Shows what a change does before it is made, and asks why. */
export function SaveDialog({ title, action, changes, notice, note, onClose, onConfirm }: Props) {
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        {notice !== undefined && <p>{notice}</p>}
        {changes !== undefined && <Changes changes={changes} />}
        {note}
        <ReasonField value={reason} onText={setReason} />
        <Problem error={problem} />
        <footer>
          <button type="button" onClick={onClose}>
            {texts.common.cancel}
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
