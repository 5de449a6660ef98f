import { parse, type QuerySystemEventsRequest, type SystemEvent } from '@flashback/client/lossless';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client, user, versions } from '../session/session.js';
import { isAdministrator } from '../document/versioned-document.js';
import { textOf } from '../json/text.js';
import type { JsonObject } from '../json/value.js';
import { texts } from '../texts.js';
import { Field, TextField } from '../ui/field.js';
import { Problem } from '../ui/problem.js';
import { Time } from '../ui/time.js';
import { useLoaded } from '../ui/use-loaded.js';
import { useRefreshed } from '../ui/use-refreshed.js';
import { csvOf, reasonOf } from './csv.js';
import { findEvents, type FoundEvents, PAGE } from './found-events.js';

/** As many as one file has. */
const MAX_EXPORTED = 10_000;

const DAY_MS = 86_400_000;

interface Filter {
  readonly from: string;
  readonly to: string;
  readonly context: string;
  readonly event: string;
  readonly userId: string;
}

/** What happened, with filters, and as a file for who works on it elsewhere. */
export function AuditPage() {
  const [filter, setFilter] = useState<Filter>(() => ({
    from: localText(new Date(Date.now() - 7 * DAY_MS)),
    to: '',
    context: '',
    event: '',
    userId: '',
  }));
  const [take, setTake] = useState(PAGE);
  const [exported, setExported] = useState<{ error?: unknown; isBusy?: boolean; isCut?: boolean }>({});
  const { value, error, isLoading, reload } = useLoaded(() => read(filter, take), [filter, take, user.value?.id]);
  const [hasNews, setNews] = useState(false);
  const showNewest = () => {
    setNews(false);
    setTake(PAGE);
    reload();
  };
  // Who looks at older ones is told of news, and keeps what is before them.
  const told = useRef(versions.value);
  useEffect(() => {
    if (told.current === versions.value) return;
    told.current = versions.value;
    if (take === PAGE) reload();
    else setNews(true);
  }, [versions.value]);
  // Of what others do to people, or set for themselves, the stream tells nothing.
  useRefreshed(() => take === PAGE && reload());
  const set = (name: keyof Filter) => (text: string) => {
    setFilter({ ...filter, [name]: text.trim() });
    setNews(false);
    setTake(PAGE);
  };
  const download = async () => {
    setExported({ isBusy: true });
    try {
      const { events, hasMore } = await read(filter, MAX_EXPORTED);
      save(csvOf(events));
      setExported({ isCut: hasMore });
    } catch (failure) {
      setExported({ error: failure });
    }
  };
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{texts.audit.title}</h1>
          <p class="hint">{isAdministrator() ? texts.audit.about : texts.audit.aboutOwn}</p>
        </div>
        <div class="actions">
          <button type="button" onClick={showNewest}>
            {texts.audit.reload}
          </button>
          <button type="button" disabled={exported.isBusy} onClick={() => void download()}>
            {texts.audit.export}
          </button>
        </div>
      </header>
      <div class="filters">
        <DateField label={texts.audit.from} value={filter.from} onText={set('from')} />
        <DateField label={texts.audit.to} value={filter.to} onText={set('to')} />
        <Choice label={texts.audit.context} value={filter.context} options={texts.contexts} onText={set('context')} />
        <Choice label={texts.audit.event} value={filter.event} options={texts.events} onText={set('event')} />
        {isAdministrator() && (
          <TextField
            label={texts.audit.userId}
            hint={texts.audit.userIdHint}
            value={filter.userId}
            onText={set('userId')}
          />
        )}
      </div>
      {hasNews && (
        <p class="notice" role="status">
          {texts.audit.news}{' '}
          <button type="button" onClick={showNewest}>
            {texts.audit.showNews}
          </button>
        </p>
      )}
      <Problem error={error ?? exported.error} onRetry={reload} />
      {exported.isCut && (
        <p class="notice warning" role="alert">
          {texts.audit.cut(MAX_EXPORTED)}
        </p>
      )}
      {value?.events.length === 0 && <p class="hint">{texts.audit.none}</p>}
      {value !== undefined && value.events.length > 0 && (
        <table class="audit">
          <thead>
            <tr>
              <th scope="col">{texts.audit.when}</th>
              <th scope="col">{texts.audit.who}</th>
              <th scope="col">{texts.audit.what}</th>
              <th scope="col">{texts.audit.why}</th>
            </tr>
          </thead>
          <tbody>
            {value.events.map((event) => (
              <tr key={event.id}>
                <td>
                  <Time at={event.timestamp} />
                </td>
                <td>
                  <Who event={event} onChoose={set('userId')} />
                </td>
                <td>
                  {texts.contexts[event.context] ?? event.context} {texts.events[event.event]} <Details event={event} />
                </td>
                <td>{reasonOf(event)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isLoading && <p class="hint">{texts.common.loading}</p>}
      {value?.hasMore && !isLoading && (
        <button type="button" onClick={() => setTake(take + PAGE)}>
          {texts.history.older}
        </button>
      )}
    </>
  );
}

/** Who did it; others than oneself are there for administrators alone, who then see only what one did. */
function Who({ event: { userEmail, userId }, onChoose }: { event: SystemEvent; onChoose: (id: string) => void }) {
  const who = userEmail ?? userId ?? texts.history.operator;
  if (userId === null || !isAdministrator()) return <>{who}</>;
  return (
    <button type="button" class="quiet" aria-label={texts.audit.onlyOf(who)} onClick={() => onChoose(userId)}>
      {who}
    </button>
  );
}

function Details({ event: { jsonData } }: { readonly event: SystemEvent }) {
  const { patch = [], version } = parse(jsonData ?? '{}') as { patch?: JsonObject[]; version?: number };
  if (patch.length === 0)
    return version === undefined ? null : <span class="hint">{texts.history.version(version)}</span>;
  return (
    <details>
      <summary>{texts.audit.keys(patch.length)}</summary>
      <pre tabIndex={0}>{textOf(patch)}</pre>
    </details>
  );
}

interface InputProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}

function DateField({ label, value, onText }: InputProps) {
  return <TextField type="datetime-local" label={label} value={value} onText={onText} />;
}

function Choice({ label, value, options, onText }: InputProps & { options: Readonly<Record<string, string>> }) {
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} value={value} onChange={({ currentTarget }) => onText(currentTarget.value)}>
          <option value="">{texts.audit.any}</option>
          {Object.entries(options).map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function read(filter: Filter, wanted: number): Promise<FoundEvents> {
  return findEvents((request) => client.systemEvents.query(request), conditionsOf(filter), wanted);
}

function conditionsOf({ from, to, context, event, userId }: Filter): Omit<QuerySystemEventsRequest, 'skip' | 'take'> {
  return {
    from_timestamp: new Date(from === '' ? 0 : from).toISOString(),
    ...(to !== '' && { to_timestamp: new Date(to).toISOString() }),
    ...(context !== '' && { context: context as 'org' }),
    ...(event !== '' && { event: event as 'created' }),
    ...(userId !== '' && { userId }),
  };
}

/** A time as the input for local times takes it. */
function localText(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function save(csv: string): void {
  // The mark tells spreadsheets that it is UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', csv], { type: 'text/csv;charset=utf-8' }));
  Object.assign(document.createElement('a'), { href: url, download: 'events.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
