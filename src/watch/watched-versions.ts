import { LRUCache } from 'lru-cache';
import { atMost } from '../common/at-most.js';
import { arrayLiteral } from '../database/statement.js';
import type { DocumentVersion, WatchedDocument } from '../history/change-feed.js';

/** From where a version is known: a change of this instance, or a look into the database. */
export const SOURCES = ['own', 'poll'] as const;
export type Source = (typeof SOURCES)[number];

/** Told of each version of an owner's documents that is newer than those before; `ageMs` says since when it exists. */
export type VersionListener = (version: DocumentVersion, source: Source, ageMs: number) => void;

/** Whose documents are watched. */
export const OWNER_KINDS = ['organization', 'user', 'system'] as const;
export type OwnerKind = (typeof OWNER_KINDS)[number];

interface WatchedOwner {
  readonly versions: Partial<Record<WatchedDocument, string>>;
  readonly listeners: Set<VersionListener>;
}

/** Of how many documents that nobody watches the last change of this instance is remembered. */
const MAX_REMEMBERED = 10_000;

/** Of how many documents it is known what those who watch all organizations were told; another may be told twice. */
const MAX_TOLD = 100_000;

/**
 * The versions of the documents that somebody watches here, and those who watch them.
 *
 * A version is told at most once, and never one that is older than the one before: whoever is told of a version and
 * reads then, reads that one or a newer one. Which version a listener knows already is the listener's own matter.
 */
export class WatchedVersions {
  private readonly owners: Record<OwnerKind, Map<string, WatchedOwner>> = {
    organization: new Map(),
    user: new Map(),
    system: new Map(),
  };
  /**
   * A change may be made between a read and the watch that follows it. Its memory is taken at once (`max`), because
   * each change is put here, and that is cheaper then.
   */
  private readonly remembered = new LRUCache<string, string>({ max: MAX_REMEMBERED });
  private readonly anyListeners: VersionListener[] = [];
  /** What those who watch all organizations were told. */
  private readonly toldOfAny = new LRUCache<string, string>(atMost(MAX_TOLD));
  /** Whether somebody watches all organizations. */
  isAnyWatched = false;
  private readonly literals: Partial<Record<OwnerKind, string | undefined>> = {};

  /** @returns ends the watch */
  subscribe(kind: OwnerKind, ownerId: string, listener: VersionListener): () => void {
    const owners = this.owners[kind];
    let owner = owners.get(ownerId);
    if (owner === undefined) {
      owner = { versions: {}, listeners: new Set() };
      owners.set(ownerId, owner);
      this.literals[kind] = undefined;
    }
    const { listeners } = owner;
    listeners.add(listener);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0 || owners.get(ownerId) !== owner) return;
      owners.delete(ownerId);
      this.literals[kind] = undefined;
    };
  }

  /** The newest version that is known here; `undefined` says nothing. */
  newest(document: WatchedDocument, ownerId: string): string | undefined {
    const watched = this.owners[kindOf(document)].get(ownerId)?.versions[document];
    const made = this.remembered.get(keyOf(document, ownerId));
    return watched !== undefined && (made === undefined || isNewer(watched, made)) ? watched : made;
  }

  isWatched(document: WatchedDocument, ownerId: string): boolean {
    return this.owners[kindOf(document)].has(ownerId);
  }

  /** The ids of the owners whose documents are watched, as an array of PostgreSQL; `undefined` where there is none. */
  watchedIds(kind: OwnerKind): string | undefined {
    const owners = this.owners[kind];
    if (owners.size === 0) return undefined;
    return (this.literals[kind] ??= arrayLiteral([...owners.keys()]));
  }

  tell(version: DocumentVersion, source: Source, ageMs: number): void {
    const { document, ownerId } = version;
    if (source === 'own') {
      this.remembered.set(keyOf(document, ownerId), version.version);
      this.tellAny(version, source, ageMs);
    }
    const owner = this.owners[kindOf(document)].get(ownerId);
    if (owner === undefined) return;
    const known = owner.versions[document];
    if (known !== undefined && !isNewer(version.version, known)) return;
    owner.versions[document] = version.version;
    for (const listener of owner.listeners) listener(version, source, ageMs);
  }

  /** @param listener is told of each newer version of any organization's documents, while `isAnyWatched` */
  subscribeAny(listener: VersionListener): void {
    this.anyListeners.push(listener);
  }

  /** Takes a version that is no news to those who watch all organizations. */
  knowOfAny({ document, ownerId, version }: DocumentVersion): void {
    this.toldOfAny.set(keyOf(document, ownerId), version);
  }

  tellAny(version: DocumentVersion, source: Source, ageMs: number): void {
    if (!this.isAnyWatched || kindOf(version.document) !== 'organization') return;
    const told = this.toldOfAny.get(keyOf(version.document, version.ownerId));
    if (told !== undefined && !isNewer(version.version, told)) return;
    this.knowOfAny(version);
    for (const listener of this.anyListeners) listener(version, source, ageMs);
  }
}

/** Whether one version, as digits, is newer than another. */
export function isNewer(version: string, than: string): boolean {
  return version.length === than.length ? version > than : version.length > than.length;
}

/** A document is named after its owner first. */
export function kindOf(document: WatchedDocument): OwnerKind {
  return OWNER_KINDS.find((kind) => document.startsWith(kind))!;
}

function keyOf(document: WatchedDocument, ownerId: string): string {
  return `${document} ${ownerId}`;
}
