import type { VersionedDocument, VersionInfo } from '../document/versioned-document.js';
import { nameOf, pathOf } from '../json/path.js';

export interface HistoryFilter {
  /** Part of the name of a key. */
  readonly key: string;
  /** Part of an email or id. */
  readonly person: string;
}

export interface FoundVersions {
  /** The newest version that was looked at, whether it is among them or not. */
  readonly newest: number;
  readonly versions: readonly VersionInfo[];
  /** Where to look on; null where there is nothing older. */
  readonly next: number | null;
}

/** Enough to fill a page. */
const WANTED = 20;

/** Pages that one search reads at most; then it can be asked to look on. */
const MAX_PAGES = 10;

/** Reads the list of versions until enough of them are what is looked for: the service knows no such filter. */
export async function findVersions(
  document: VersionedDocument,
  filter: HistoryFilter,
  before?: number,
): Promise<FoundVersions> {
  const versions: VersionInfo[] = [];
  let next: number | null = before ?? null;
  let newest = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await document.list(next ?? undefined);
    newest = Math.max(newest, found.versions[0]?.version ?? 0);
    versions.push(...found.versions.filter((version) => meets(version, filter)));
    next = found.next;
    if (next === null || versions.length >= WANTED) break;
  }
  return { newest, versions, next };
}

/** What was found, with older ones below. */
export async function findOlder(
  document: VersionedDocument,
  filter: HistoryFilter,
  found: FoundVersions,
): Promise<FoundVersions> {
  const { versions, next } = await findVersions(document, filter, found.next!);
  return { ...found, versions: [...found.versions, ...versions], next };
}

/** What was found, with those on top that came since; where these are too many, only the newest ones. */
export async function findNews(
  document: VersionedDocument,
  filter: HistoryFilter,
  found: FoundVersions,
): Promise<FoundVersions> {
  const { versions, next } = await document.list();
  const [newest, oldest] = [versions[0]?.version ?? 0, versions.at(-1)?.version ?? 0];
  if (next !== null && oldest > found.newest + 1) return findVersions(document, filter);
  const news = versions.filter((version) => version.version > found.newest && meets(version, filter));
  return { ...found, newest, versions: [...news, ...found.versions] };
}

function meets({ paths, actor }: VersionInfo, { key, person }: HistoryFilter): boolean {
  const who = `${actor.email ?? ''} ${actor.id ?? ''}`.toLowerCase();
  return (key === '' || paths.some((path) => touches(path, key))) && who.includes(person.toLowerCase());
}

/** Whether a change at a path is one of what is wanted, or of what that is in. */
function touches(pointer: string, key: string): boolean {
  const name = nameOf(pathOf(pointer)).toLowerCase();
  const wanted = (key.startsWith('/') ? nameOf(pathOf(key)) : key).toLowerCase();
  return pointer === '' || name.includes(wanted) || wanted.startsWith(`${name}.`);
}
