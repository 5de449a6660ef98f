import { useEffect, useRef, useState } from 'preact/hooks';
import { toldVersion } from '../document/told-version.js';
import type { VersionedDocument } from '../document/versioned-document.js';
import { texts } from '../texts.js';
import { Field, TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { AsOfDialog } from './as-of-dialog.js';
import { CompareDialog } from './compare-dialog.js';
import { findNews, findOlder, findVersions, type FoundVersions, type HistoryFilter } from './found-versions.js';
import { VersionItem } from './version-item.js';

const NO_FILTER: HistoryFilter = { key: '', person: '' };

/** Who changed what of a document, when and why; with ways back. */
export function HistoryView({ document }: { readonly document: VersionedDocument }) {
  const [typed, setTyped] = useState(NO_FILTER);
  const [filter, setFilter] = useState(NO_FILTER);
  const [found, setFound] = useState<FoundVersions>();
  const [problem, setProblem] = useState<unknown>();
  const [isLoading, setLoading] = useState(false);
  const [asOf, setAsOf] = useState('');
  const [shownAt, setShownAt] = useState<Date>();
  const [isComparing, setComparing] = useState(false);

  /** Counts what is asked for: of what was asked for before, no reply is taken. */
  const round = useRef(0);
  const find = async (next: () => Promise<FoundVersions>) => {
    const own = ++round.current;
    setLoading(true);
    const [result] = await Promise.allSettled([next()]);
    if (own !== round.current) return;
    if (result.status === 'fulfilled') setFound(result.value);
    setProblem(result.status === 'rejected' ? result.reason : undefined);
    setLoading(false);
  };
  const load = () => find(() => findVersions(document, filter));
  useEffect(() => void load(), [document, filter]);

  // What is new comes on top; what was asked for stays below.
  const told = toldVersion(document.id);
  const asked = useRef(0);
  useEffect(() => {
    if (found === undefined || isLoading || found.newest >= told || asked.current === told) return;
    asked.current = told;
    void find(() => findNews(document, filter, found));
  }, [told, found?.newest, isLoading]);

  const newest = found?.newest;
  return (
    <>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setFilter({ key: typed.key.trim(), person: typed.person.trim() });
        }}
      >
        <TextField label={texts.history.key} value={typed.key} onText={(key) => setTyped({ ...typed, key })} />
        <TextField
          label={texts.history.person}
          value={typed.person}
          onText={(person) => setTyped({ ...typed, person })}
        />
        <button type="submit">{texts.history.filter}</button>
      </form>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setShownAt(new Date(asOf));
        }}
      >
        <Field label={texts.history.asOf}>
          {(id) => (
            <input
              id={id}
              type="datetime-local"
              step={1}
              value={asOf}
              required
              onInput={({ currentTarget }) => setAsOf(currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit">{texts.history.show}</button>
        {newest !== undefined && newest > 1 && (
          <button type="button" onClick={() => setComparing(true)}>
            {texts.history.compare}
          </button>
        )}
      </form>
      <Problem error={problem} onRetry={() => void load()} />
      {found?.versions.length === 0 && (
        <p class="hint">{found.next === null ? texts.history.none : texts.history.noneYet}</p>
      )}
      <ol class="versions">
        {found?.versions.map((info) => (
          <VersionItem
            key={info.version}
            document={document}
            info={info}
            isCurrent={info.version === Math.max(found.newest, told)}
            onChanged={() => void load()}
          />
        ))}
      </ol>
      {isLoading && <p class="hint">{texts.common.loading}</p>}
      {typeof found?.next === 'number' && !isLoading && (
        <button type="button" onClick={() => void find(() => findOlder(document, filter, found))}>
          {texts.history.older}
        </button>
      )}
      {shownAt !== undefined && <AsOfDialog document={document} at={shownAt} onClose={() => setShownAt(undefined)} />}
      {isComparing && <CompareDialog document={document} newest={newest!} onClose={() => setComparing(false)} />}
    </>
  );
}
