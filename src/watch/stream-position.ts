import { InvalidInputError } from '../common/errors/common.errors.js';
import type { WatchedDocument } from '../history/change-feed.js';

/** Which versions a watcher of single documents was told; those of organizations are of one. */
export interface VersionsPosition {
  readonly organizationId?: string | undefined;
  readonly versions: Readonly<Partial<Record<WatchedDocument, string>>>;
}

/** Up to when a watcher of all organizations was told of changes, in milliseconds since the epoch. */
export interface TimePosition {
  readonly timeMs: number;
}

export type StreamPosition = VersionsPosition | TimePosition;

const VERSION = String.raw`\d{1,18}|-`;
/** In the order in which an id has their versions: what came later stands behind the organization. */
const FIRST: readonly WatchedDocument[] = ['user-settings', 'organization-settings', 'organization-profile'];
const LATER: readonly WatchedDocument[] = ['organization-policy', 'system-settings', 'system-policy'];
const VERSIONS_ID = new RegExp(
  String.raw`^v((?:(?:${VERSION})\.){${FIRST.length}})([0-9a-f-]{36}|-)((?:\.(?:${VERSION}))*)$`,
);
/** Up to the year 5138. */
const TIME_ID = /^t(\d{1,14})$/;

/** A position as the id of an event: opaque to watchers, and all that any instance needs to go on from there. */
export function idOf(position: StreamPosition): string {
  if ('timeMs' in position) return `t${Math.floor(position.timeMs)}`;
  const { organizationId = '-', versions } = position;
  const of = (document: WatchedDocument) => versions[document] ?? '-';
  return `v${[...FIRST.map(of), organizationId, ...LATER.map(of)].join('.')}`;
}

/**
 * The position that `Last-Event-ID` names; `undefined` where there is none.
 *
 * @param ofAll whether it is to be one of a stream of all organizations
 * @throws InvalidInputError for an id of no such stream, after which changes would be missed
 */
export function positionOf(id: string | undefined, ofAll: false): VersionsPosition | undefined;
export function positionOf(id: string | undefined, ofAll: true): TimePosition | undefined;
export function positionOf(id: string | undefined, ofAll: boolean): StreamPosition | undefined {
  if (id === undefined || id === '') return undefined;
  const [, timeMs] = TIME_ID.exec(id) ?? [];
  if (ofAll && timeMs !== undefined) return { timeMs: Number(timeMs) };
  const [, first = '', organizationId, later = ''] = VERSIONS_ID.exec(id) ?? [];
  if (ofAll || organizationId === undefined) {
    throw new InvalidInputError('Last-Event-ID must be the id of an event of this stream');
  }
  const found = [...first.split('.').slice(0, -1), ...later.split('.').slice(1)];
  const versions = [...FIRST, ...LATER].flatMap((document, place) => {
    const version = found[place];
    return version === undefined || version === '-' ? [] : [[document, version] as const];
  });
  return {
    organizationId: organizationId === '-' ? undefined : organizationId,
    versions: Object.fromEntries(versions),
  };
}
