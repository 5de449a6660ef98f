import { draftOf } from '../document/draft.js';
import { HistoryView } from '../history/history-view.js';
import { MeanwhilePanel } from '../settings/meanwhile-panel.js';
import { SaveBar } from '../settings/save-bar.js';
import { TextView } from '../settings/text-view.js';
import { texts } from '../texts.js';
import { Problem } from '../ui/problem.js';
import { viewOf, Views } from '../ui/views.js';
import { Locks } from './locks.js';

/** What the organization locks, and what its users' settings have to look like. */
export function PolicyPage({ view: named }: { readonly view: string | undefined }) {
  const view = viewOf(texts.policy.view, named);
  const draft = draftOf('policy');
  const { document } = draft;
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{texts.policy.title}</h1>
          <p class="hint">{texts.policy.about}</p>
        </div>
        <Views route="policy" names={texts.policy.view} shown={view} />
      </header>
      {!document.isWritable && <p class="notice">{texts.policy.readOnly}</p>}
      <Problem error={draft.problem.value} onRetry={() => void draft.load()} />
      <MeanwhilePanel draft={draft} />
      {draft.base.value !== undefined && view === 'locks' && <Locks draft={draft} />}
      {draft.base.value !== undefined && view === 'text' && (
        <>
          <p class="hint">{texts.policy.textAbout}</p>
          <TextView key={draft.discards.value} label={texts.policy.title} draft={draft} />
        </>
      )}
      {view === 'history' && <HistoryView document={document} />}
      <SaveBar draft={draft} />
    </>
  );
}
