import { useState } from 'preact/hooks';
import type { Draft } from '../document/draft.js';
import { ImpactNote } from '../layers/impact-note.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { focusOn } from '../ui/focus.js';
import { SaveDialog } from '../ui/save-dialog.js';

/** Says that there is something to save, and has it saved. */
export function SaveBar({ draft }: { readonly draft: Draft }) {
  const [isSaving, setSaving] = useState(false);
  const changes = draft.changes.value;
  const state = [
    ...(changes.length > 0 ? [texts.settings.unsaved(changes.length)] : []),
    ...(draft.unread.value === undefined ? [] : [texts.settings.unread]),
  ].join('. ');
  return (
    <>
      {state !== '' && (
        <div class="save-bar" role="region" aria-label={state}>
          <span>{state}</span>
          {draft.undecided.value.length > 0 && (
            <button type="button" class="quiet" onClick={() => focusOn('.meanwhile fieldset button')}>
              {texts.settings.undecided}
            </button>
          )}
          <button type="button" onClick={() => draft.discard()}>
            {texts.settings.discard}
          </button>
          <button
            type="button"
            class="primary"
            disabled={changes.length === 0 || draft.undecided.value.length > 0}
            onClick={() => setSaving(true)}
          >
            {texts.settings.save}
          </button>
        </div>
      )}
      {isSaving && (
        <SaveDialog
          title={texts.save.title}
          action={texts.save.action}
          changes={changes}
          note={<ImpactNote load={() => draft.document.impact(draft.base.value!.value, draft.value.value)} />}
          onClose={() => setSaving(false)}
          onConfirm={async (reason) => announce((await draft.save(reason)) ? texts.save.done : texts.save.faster)}
        />
      )}
    </>
  );
}
