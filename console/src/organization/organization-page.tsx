import { useState } from 'preact/hooks';
import { draftOf } from '../document/draft.js';
import { HistoryView } from '../history/history-view.js';
import { MeanwhilePanel } from '../settings/meanwhile-panel.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { SaveDialog } from '../ui/save-dialog.js';
import { viewOf, Views } from '../ui/views.js';

const MAX_LENGTH = 200;

/** The organization's profile: what it is called, where it is, and whether it insists on MFA. */
export function OrganizationPage({ view: named }: { readonly view: string | undefined }) {
  const view = viewOf(texts.organization.view, named);
  const draft = draftOf('profile');
  const [isSaving, setSaving] = useState(false);
  const { isWritable } = draft.document;
  const profile = draft.value.value;
  const changes = draft.changes.value;
  return (
    <>
      <header class="page-head">
        <h1>{texts.organization.title}</h1>
        <Views route="organization" names={texts.organization.view} shown={view} />
      </header>
      {!isWritable && <p class="notice">{texts.organization.readOnly}</p>}
      <Problem error={draft.problem.value} onRetry={() => void draft.load()} />
      <MeanwhilePanel draft={draft} />
      {draft.base.value !== undefined && view === 'form' && (
        <form
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            setSaving(true);
          }}
        >
          {Object.entries(texts.organization.fields).map(([name, label]) => {
            const value = profile[name];
            return typeof value === 'boolean' ? (
              <label key={name} class="switch">
                <input
                  type="checkbox"
                  checked={value}
                  disabled={!isWritable}
                  onChange={({ currentTarget }) => draft.set([name], currentTarget.checked)}
                />
                {label}
              </label>
            ) : (
              <TextField
                key={name}
                label={label}
                value={(value as string | null) ?? ''}
                readOnly={!isWritable}
                required={name === 'name'}
                maxLength={MAX_LENGTH}
                onText={(text) => draft.set([name], text === '' ? null : text)}
              />
            );
          })}
          {isWritable && (
            <footer>
              <button type="button" disabled={changes.length === 0} onClick={() => draft.discard()}>
                {texts.settings.discard}
              </button>
              <button type="submit" class="primary" disabled={changes.length === 0 || draft.undecided.value.length > 0}>
                {texts.settings.save}
              </button>
            </footer>
          )}
        </form>
      )}
      {view === 'history' && <HistoryView document={draft.document} />}
      {isSaving && (
        <SaveDialog
          title={texts.save.title}
          action={texts.save.action}
          changes={changes}
          onClose={() => setSaving(false)}
          onConfirm={async (reason) => announce((await draft.save(reason)) ? texts.save.done : texts.save.faster)}
        />
      )}
    </>
  );
}
