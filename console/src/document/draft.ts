import { FlashbackError } from '@flashback/client/lossless';
import { computed, signal } from '@preact/signals';
import { type Change, changesBetween } from '../json/difference.js';
import { type Conflict, merge } from '../json/merge.js';
import { type Path, pointerOf, valueAt, withValueAt } from '../json/path.js';
import { readObject } from '../json/text.js';
import { areEqual, type JsonObject, type JsonValue } from '../json/value.js';
import { onAnotherMembership, user, versions } from '../session/session.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { toldVersion } from './told-version.js';
import { lookForUnsaved } from './unsaved.js';
import {
  type DocumentId,
  documentOf,
  type Snapshot,
  type VersionedDocument,
  type VersionInfo,
} from './versioned-document.js';

/** What somebody else did since the draft was begun. */
export interface Meanwhile {
  /** The version that the draft was of before. */
  readonly since: number;
  /** The versions that came since, the newest first; none where nobody knows yet. */
  readonly by: readonly VersionInfo[];
  readonly changes: readonly Change[];
}

/** Pages of the list of versions that are read to find out who made them. */
const MAX_PAGES = 4;

/** People that are named; more are seldom read. */
const NAMED = 5;

/** What was known at a time when something was typed. */
export interface Moment {
  /** The document as it was being edited. */
  readonly value: JsonObject;
  /** The document as it was stored. */
  readonly saved: JsonObject;
  readonly version: number;
}

/** A text of the document that is no JSON yet. */
export interface Unread {
  readonly text: string;
  /** From what it was typed. */
  readonly from: Moment;
  /** What is wrong with it. */
  readonly problem: string;
}

/**
 * A document as it is being edited.
 *
 * 1. It knows the version that it began from, and what was changed since.
 * 2. When somebody else is faster, their change is merged into it, and what collides is asked about.
 * 3. A text that is no JSON yet is kept beside it, and merged in as soon as it is.
 * 4. What is saved is the difference from the newest version, and only if that still is the newest.
 */
export class Draft {
  readonly base = signal<Snapshot | undefined>(undefined);
  readonly value = signal<JsonObject>({});
  readonly problem = signal<unknown>(undefined);
  /** How often what was typed was thrown away. */
  readonly discards = signal(0);
  readonly meanwhile = signal<Meanwhile | undefined>(undefined);
  readonly unread = signal<Unread | undefined>(undefined);
  private readonly conflicts = signal<readonly Conflict[]>([]);
  /** The conflicts that nobody decided, with what both sides are by now; none where they are the same by now. */
  readonly undecided = computed<readonly Conflict[]>(() =>
    this.conflicts.value
      .map(({ path, base }) => ({
        path,
        base,
        mine: valueAt(this.value.value, path),
        theirs: valueAt(this.base.value?.value, path),
      }))
      .filter(({ mine, theirs }) => !areEqual(mine, theirs)),
  );
  readonly changes = computed<readonly Change[]>(() => {
    const base = this.base.value;
    return base === undefined ? [] : changesBetween(base.value, this.value.value);
  });
  private loading: Promise<void> | undefined;
  /** What is being saved. */
  private sent: JsonObject | undefined;
  private isLeft = false;

  constructor(readonly document: VersionedDocument) {}

  /** What is known now. */
  get moment(): Moment {
    const base = this.base.peek();
    return { value: this.value.peek(), saved: base?.value ?? {}, version: base?.version ?? 0 };
  }

  /** Loads the document, or what is new of it. */
  load(): Promise<void> {
    return (this.loading ??= this.loadOnce().finally(() => (this.loading = undefined)));
  }

  set(path: Path, value: JsonValue | undefined): void {
    this.value.value = withValueAt(this.value.value, path, value) as JsonObject;
  }

  /**
   * Takes over a text of the document as far as it is JSON.
   *
   * @param from what was known when it was typed: what changed since goes with it
   * @returns whether the document is what the text says
   */
  setText(text: string, from: Moment): boolean {
    let read: JsonObject;
    try {
      read = readObject(text);
    } catch (error) {
      this.unread.value = { text, from, problem: (error as Error).message };
      return true;
    }
    this.unread.value = undefined;
    const { saved } = this.moment;
    const { value, conflicts } = merge(from.value, read, this.value.peek());
    this.value.value = value;
    // What only was typed elsewhere on this page is nobody else's.
    this.ask(conflicts.filter(({ path }) => !areEqual(valueAt(from.saved, path), valueAt(saved, path))));
    if (this.undecided.peek().length > 0) {
      this.meanwhile.value ??= { since: from.version, by: [], changes: changesBetween(from.saved, saved) };
      void this.tellWho(from.version).catch((error: unknown) => (this.problem.value = error));
    }
    return areEqual(value, read);
  }

  /** Throws away a text that is no JSON yet. */
  discardText(): void {
    this.discards.value++;
    this.unread.value = undefined;
  }

  discard(): void {
    this.discardText();
    this.forget();
  }

  /** Announces nothing more: somebody else is there now, or the same person in another organization. */
  leave(): void {
    this.isLeft = true;
  }

  private forget(): void {
    this.value.value = this.base.value?.value ?? {};
    this.meanwhile.value = undefined;
    this.conflicts.value = [];
  }

  /** Lets a key have a value, whatever the other one is. */
  decide({ path }: Conflict, value: JsonValue | undefined): void {
    this.set(path, value);
    this.conflicts.value = this.conflicts.value.filter((one) => !isAt(one, path));
  }

  private ask(conflicts: readonly Conflict[]): void {
    const others = this.conflicts.value.filter((known) => !conflicts.some((one) => isAt(one, known.path)));
    this.conflicts.value = [...others, ...conflicts];
  }

  /**
   * @returns false where somebody was faster: the draft has their change now, and is to be looked at again. Nothing is
   *   sent while it is not decided whose value a key shall have.
   * @throws FlashbackError
   */
  async save(reason: string): Promise<boolean> {
    if (this.undecided.peek().length > 0) return false;
    const base = this.base.value!;
    const saved = (this.sent = this.value.value);
    try {
      const note = { ifVersion: base.version, ...(reason !== '' && { reason }) };
      await this.document.change(base.value, saved, note);
    } catch (error) {
      this.sent = undefined;
      if (!(error instanceof FlashbackError) || error.code !== 'precondition_failed') throw error;
      await this.load();
      if (this.base.value?.version === base.version) await this.load();
      return false;
    }
    this.meanwhile.value = undefined;
    this.conflicts.value = [];
    await this.load();
    // The one that was under way may have come before the change.
    if (this.base.value?.version === base.version) await this.load();
    this.sent = undefined;
    // What was typed while it was saved stays.
    if (areEqual(this.value.value, saved)) this.forget();
    return true;
  }

  private async loadOnce(): Promise<void> {
    const before = this.base.value?.version;
    try {
      this.take(await this.document.read());
      // What was told while it was read may be newer.
      if (this.isBehind) this.take(await this.document.read());
      this.problem.value = undefined;
      if (before !== undefined && this.base.value!.version > before) await this.tellWho(before);
    } catch (error) {
      this.problem.value = error;
    }
  }

  /** Whether there is a newer version than the one that it knows. */
  get isBehind(): boolean {
    return this.base.peek() !== undefined && this.base.peek()!.version < toldVersion(this.document.id);
  }

  private take(found: Snapshot): void {
    const base = this.base.value;
    if (base === undefined || this.changes.value.length === 0) {
      this.base.value = found;
      this.forget();
      return;
    }
    if (found.version <= base.version) return;
    if (this.sent !== undefined && areEqual(found.value, this.sent)) {
      // What was typed since is a change of it already.
      this.base.value = found;
      return;
    }
    const { value, conflicts } = merge(base.value, this.value.value, found.value);
    const changes = changesBetween(base.value, found.value);
    this.base.value = found;
    this.value.value = value;
    this.ask(conflicts);
    // What this page saved itself comes back, too, and is nobody's change.
    if (this.changes.value.length === 0) return;
    this.meanwhile.value = {
      since: this.meanwhile.value?.since ?? base.version,
      by: [],
      changes: [...(this.meanwhile.value?.changes ?? []), ...changes],
    };
  }

  private async tellWho(since: number): Promise<void> {
    if (this.isLeft) return;
    const by = await this.versionsAfter(this.meanwhile.value?.since ?? since);
    if (this.isLeft) return;
    const meanwhile = this.meanwhile.value;
    if (meanwhile !== undefined) this.meanwhile.value = { ...meanwhile, by };
    else if (by.some(({ actor }) => actor.id !== user.value?.id)) {
      const others = by.filter(({ actor }) => actor.id !== user.value?.id);
      announce(texts.meanwhile.news(namesOf(others), texts.documents[this.document.id]));
    }
  }

  private async versionsAfter(since: number): Promise<VersionInfo[]> {
    const found: VersionInfo[] = [];
    let before: number | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { versions, next } = await this.document.list(before);
      found.push(...versions.filter(({ version }) => version > since));
      if (next === null || next <= since + 1) break;
      before = next;
    }
    return found;
  }
}

/** Who made versions, each one once. */
export function namesOf(versions: readonly VersionInfo[]): string {
  const names = new Set(versions.map(({ actor }) => actor.email ?? actor.id ?? texts.meanwhile.somebody));
  if (names.size === 0) return texts.meanwhile.somebody;
  return texts.meanwhile.people(
    names.size > NAMED ? [...[...names].slice(0, NAMED), texts.meanwhile.others] : [...names],
  );
}

function isAt(conflict: Conflict, path: Path): boolean {
  return pointerOf(conflict.path) === pointerOf(path);
}

const drafts = new Map<DocumentId, Draft>();

/** The draft of a document, which stays while its editor looks at other pages. */
export function draftOf(id: DocumentId): Draft {
  const known = drafts.get(id);
  if (known !== undefined) return known;
  const draft = new Draft(documentOf(id));
  drafts.set(id, draft);
  void draft.load();
  return draft;
}

lookForUnsaved(() =>
  [...drafts.values()].some(({ changes, unread }) => changes.value.length > 0 || unread.value !== undefined),
);

onAnotherMembership(() => {
  drafts.forEach((draft) => draft.leave());
  drafts.clear();
});

versions.subscribe(() => {
  for (const draft of drafts.values()) if (draft.isBehind) void draft.load();
});
