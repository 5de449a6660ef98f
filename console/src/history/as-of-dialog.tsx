import type { VersionedDocument } from '../document/versioned-document.js';
import { textOf } from '../json/text.js';
import { texts } from '../texts.js';
import { Dialog } from '../ui/dialog.js';
import { Problem } from '../ui/problem.js';
import { timeText } from '../ui/time.js';
import { useLoaded } from '../ui/use-loaded.js';

interface Props {
  readonly document: VersionedDocument;
  readonly at: Date;
  readonly onClose: () => void;
}

/** What a document was at some time. */
export function AsOfDialog({ document, at, onClose }: Props) {
  const { value, error } = useLoaded(() => document.read(at), [document, at]);
  return (
    <Dialog title={texts.history.was(timeText(at.toISOString()))} onClose={onClose}>
      <Problem error={error} />
      {value?.version === 0 && <p>{texts.history.nothingThen}</p>}
      {value !== undefined && value.version > 0 && (
        <pre tabIndex={0} aria-label={texts.history.documentThen}>
          {textOf(value.value)}
        </pre>
      )}
      {value === undefined && error === undefined && <p>{texts.common.loading}</p>}
    </Dialog>
  );
}
