import { useState } from 'preact/hooks';
import { draftOf } from '../document/draft.js';
import { HistoryView } from '../history/history-view.js';
import type { JsonObject } from '../json/value.js';
import { linkTo } from '../route.js';
import { texts } from '../texts.js';
import { Problem } from '../ui/problem.js';
import { SaveDialog } from '../ui/save-dialog.js';
import { announce } from '../ui/announcement.js';
import { TextField } from '../ui/field.js';
import { MeanwhilePanel } from './meanwhile-panel.js';
import { TextView } from './text-view.js';
import { Tree } from './tree.js';

interface Props {
  readonly id: 'organization' | 'user';
  readonly view: string | undefined;
}

const VIEWS = ['tree', 'text', 'history'] as const;

/** One settings document: to look at and to change, as a tree or as text, with its history. */
export function SettingsPage({ id, view = 'tree' }: Props) {
  const draft = draftOf(id);
  const [search, setSearch] = useState('');
  const [isSaving, setSaving] = useState(false);
  const { document } = draft;
  const base = draft.base.value;
  const changes = draft.changes.value;
  const words = texts.settings[id];
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{words.title}</h1>
          <p class="hint">{words.about}</p>
        </div>
        <nav class="views" aria-label={texts.settings.views}>
          {VIEWS.map((name) => (
            <a key={name} href={linkTo(words.route, name)} aria-current={view === name ? 'page' : undefined}>
              {texts.settings.view[name]}
            </a>
          ))}
        </nav>
      </header>
      {!document.isWritable && <p class="notice">{texts.settings.readOnly}</p>}
      <Problem error={draft.problem.value} onRetry={() => void draft.load()} />
      <MeanwhilePanel draft={draft} />
      {base === undefined && draft.problem.value === undefined && <p class="hint">{texts.common.loading}</p>}
      {base !== undefined && view === 'tree' && (
        <>
          <TextField type="search" label={texts.settings.search} value={search} onText={setSearch} />
          <Tree
            value={draft.value.value}
            base={base.value}
            search={search.trim()}
            isWritable={document.isWritable}
            onChange={(path, value) => draft.set(path, value)}
          />
        </>
      )}
      {base !== undefined && view === 'text' && (
        <TextView
          label={words.title}
          value={draft.value.value}
          isWritable={document.isWritable}
          onChange={(value: JsonObject) => (draft.value.value = value)}
        />
      )}
      {view === 'history' && <HistoryView document={document} />}
      {changes.length > 0 && (
        <div class="save-bar" role="region" aria-label={texts.settings.unsaved(changes.length)}>
          <span>{texts.settings.unsaved(changes.length)}</span>
          <button type="button" onClick={() => draft.discard()}>
            {texts.settings.discard}
          </button>
          <button
            type="button"
            class="primary"
            disabled={draft.undecided.value.length > 0}
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
          onClose={() => setSaving(false)}
          onConfirm={async (reason) => {
            const isSaved = await draft.save(reason);
            announce(isSaved ? texts.save.done : texts.save.faster);
          }}
        />
      )}
    </>
  );
}
