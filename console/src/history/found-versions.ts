import type { VersionedDocument, VersionInfo } from '../document/versioned-document.js';

export interface HistoryFilter {
  /** Part of the name of a key. */
  readonly key: string;
  /** Part of an email or id. */
  readonly person: string;
}

export interface FoundVersions {
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
  before: number | undefined,
): Promise<FoundVersions> {
  const versions: VersionInfo[] = [];
  let next: number | null = before ?? null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await document.list(next ?? undefined);
    versions.push(...found.versions.filter((version) => meets(version, filter)));
    next = found.next;
    if (next === null || versions.length >= WANTED) break;
  }
  return { versions, next };
}

function meets({ paths, actor }: VersionInfo, { key, person }: HistoryFilter): boolean {
  const wanted = key.toLowerCase().replaceAll('.', '/');
  const who = `${actor.email ?? ''} ${actor.id ?? ''}`.toLowerCase();
  return (
    (key === '' || paths.some((path) => touches(path.toLowerCase(), wanted))) && who.includes(person.toLowerCase())
  );
}

/** Whether a change at a path is one of what is wanted, or of what that is in. */
function touches(path: string, wanted: string): boolean {
  return `${path}/`.includes(wanted) || `/${wanted}/`.startsWith(`${path}/`);
}
