import { useState } from 'preact/hooks';
import type { VersionedDocument } from '../document/versioned-document.js';
import { changesBetween } from '../json/difference.js';
import { texts } from '../texts.js';
import { Changes } from '../ui/changes.js';
import { Dialog } from '../ui/dialog.js';
import { TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { useLoaded } from '../ui/use-loaded.js';

interface Props {
  readonly document: VersionedDocument;
  readonly newest: number;
  readonly onClose: () => void;
}

/** What makes one version of any other. */
export function CompareDialog({ document, newest, onClose }: Props) {
  const [from, setFrom] = useState(newest - 1);
  const [to, setTo] = useState(newest);
  const { value, error } = useLoaded(async () => {
    const [before, after] = await Promise.all([document.version(from), document.version(to)]);
    return changesBetween(before, after);
  }, [document, from, to]);
  const pick = (set: (version: number) => void) => (text: string) => {
    if (/^\d{1,15}$/.test(text)) set(Number(text));
  };
  return (
    <Dialog title={texts.compare.title} onClose={onClose}>
      <div class="filters">
        <TextField
          label={texts.compare.from}
          type="number"
          min="0"
          value={String(from)}
          onText={pick(setFrom)}
          autoFocus
        />
        <TextField label={texts.compare.to} type="number" min="1" value={String(to)} onText={pick(setTo)} />
      </div>
      <Problem error={error} />
      {value !== undefined && <Changes changes={value} />}
    </Dialog>
  );
}
