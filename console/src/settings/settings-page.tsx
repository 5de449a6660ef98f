import { useState } from 'preact/hooks';
import { draftOf } from '../document/draft.js';
import { HistoryView } from '../history/history-view.js';
import { type Path, valueAt } from '../json/path.js';
import { isObject, type JsonValue } from '../json/value.js';
import { hintAt, readEffective } from '../layers/effective.js';
import { Elsewhere } from '../layers/elsewhere.js';
import { firstValueOf } from '../layers/schema.js';
import { user, versions } from '../session/session.js';
import { texts } from '../texts.js';
import { Problem } from '../ui/problem.js';
import { useLoaded } from '../ui/use-loaded.js';
import { TextField } from '../ui/field.js';
import { viewOf, Views } from '../ui/views.js';
import { MeanwhilePanel } from './meanwhile-panel.js';
import { SaveBar } from './save-bar.js';
import { TextView } from './text-view.js';
import { Tree } from './tree.js';

interface Props {
  readonly id: 'organization' | 'user';
  readonly view: string | undefined;
}

/** Of users' settings, in the policy of their organization. */
const SCHEMA = ['schema', 'user'];

/** One settings document: to look at and to change, as a tree or as text, with its history. */
export function SettingsPage({ id, view: named }: Props) {
  const view = viewOf(texts.settings.view, named);
  const draft = draftOf(id);
  const [search, setSearch] = useState('');
  const { document } = draft;
  const base = draft.base.value;
  const words = texts.settings[id];
  const hasOrganization = user.value?.orgId !== null;
  const layers = useLoaded(async () => {
    const explained = hasOrganization ? await readEffective(id) : undefined;
    return explained && { ...explained, saved: base?.value ?? {} };
  }, [id, base?.version, versions.value]);
  const policy = hasOrganization ? draftOf('policy').base.value?.value : undefined;
  const locks = policy?.['locks'];
  const effective = layers.value && { ...layers.value, locks: isObject(locks) ? locks : {} };
  // The schema of an organization's settings is the operator's, and not for users to read.
  const schema = id === 'user' ? valueAt(policy, SCHEMA) : undefined;
  /** A new key begins with what suits it. */
  const set = (path: Path, value: JsonValue | undefined) => {
    const isNew = value !== undefined && valueAt(draft.value.value, path) === undefined;
    draft.set(path, isNew ? firstValueOf(hintAt(schema, path)) : value);
  };
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{words.title}</h1>
          <p class="hint">{words.about}</p>
        </div>
        <Views route={words.route} names={texts.settings.view} shown={view} />
      </header>
      {!document.isWritable && <p class="notice">{texts.settings.readOnly}</p>}
      <Problem error={draft.problem.value} onRetry={() => void draft.load()} />
      <MeanwhilePanel draft={draft} />
      {base === undefined && draft.problem.value === undefined && <p class="hint">{texts.common.loading}</p>}
      {base !== undefined && view === 'tree' && (
        <>
          <Problem error={layers.error} onRetry={layers.reload} />
          <TextField type="search" label={texts.settings.search} value={search} onText={setSearch} />
          <Tree
            value={draft.value.value}
            base={base.value}
            search={search.trim()}
            isWritable={document.isWritable}
            layer={id}
            effective={effective}
            schema={schema}
            onChange={set}
          />
          {effective && (
            <Elsewhere
              layer={id}
              effective={effective}
              document={draft.value.value}
              schema={schema}
              isWritable={document.isWritable}
              onSet={(path, value) => draft.set(path, value)}
            />
          )}
        </>
      )}
      {base !== undefined && view === 'text' && (
        <TextView key={draft.discards.value} label={words.title} draft={draft} />
      )}
      {view === 'history' && <HistoryView document={document} />}
      <SaveBar draft={draft} />
    </>
  );
}
