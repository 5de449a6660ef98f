import { FlashbackError } from '@flashback/client/lossless';
import { computed, signal } from '@preact/signals';
import { type Change, changesBetween } from '../json/difference.js';
import { type Conflict, merge } from '../json/merge.js';
import { type Path, withValueAt } from '../json/path.js';
import { areEqual, type JsonObject, type JsonValue } from '../json/value.js';
import { onAnotherMembership, user, versions } from '../session/session.js';
import { texts } from '../texts.js';
import { announce } from '../ui/announcement.js';
import { toldVersion } from './told-version.js';
import {
  type DocumentId,
  documentOf,
  type Snapshot,
  type VersionedDocument,
  type VersionInfo,
} from './versioned-document.js';

/** What somebody else did since the draft was begun. */
export interface Meanwhile {
  readonly by: VersionInfo | undefined;
  readonly changes: readonly Change[];
  /** What collided with the draft, also when it was decided already. */
  readonly conflicts: readonly Conflict[];
}

/**
 * A document as it is being edited.
 *
 * 1. It knows the version that it began from, and what was changed since.
 * 2. When somebody else is faster, their change is merged into it, and what collides is asked about.
 * 3. What is saved is the difference from the newest version, and only if that still is the newest.
 */
export class Draft {
  readonly base = signal<Snapshot | undefined>(undefined);
  readonly value = signal<JsonObject>({});
  readonly problem = signal<unknown>(undefined);
  /** How often what was typed was thrown away. */
  readonly discards = signal(0);
  readonly meanwhile = signal<Meanwhile | undefined>(undefined);
  /** Of the conflicts, those that nobody decided. */
  readonly undecided = signal<readonly Conflict[]>([]);
  readonly changes = computed<readonly Change[]>(() => {
    const base = this.base.value;
    return base === undefined ? [] : changesBetween(base.value, this.value.value);
  });
  private loading: Promise<void> | undefined;

  constructor(readonly document: VersionedDocument) {}

  /** Loads the document, or what is new of it. */
  load(): Promise<void> {
    return (this.loading ??= this.loadOnce().finally(() => (this.loading = undefined)));
  }

  set(path: Path, value: JsonValue | undefined): void {
    this.value.value = withValueAt(this.value.value, path, value) as JsonObject;
  }

  discard(): void {
    this.discards.value++;
    this.forget();
  }

  private forget(): void {
    this.value.value = this.base.value?.value ?? {};
    this.meanwhile.value = undefined;
    this.undecided.value = [];
  }

  decide(conflict: Conflict, value: JsonValue | undefined): void {
    this.set(conflict.path, value);
    this.undecided.value = this.undecided.value.filter((one) => one !== conflict);
  }

  /**
   * @returns false where somebody was faster: the draft has their change now, and is to be looked at again. Nothing is
   *   sent while it is not decided whose value a key shall have.
   * @throws FlashbackError
   */
  async save(reason: string): Promise<boolean> {
    if (this.undecided.peek().length > 0) return false;
    const base = this.base.value!;
    const saved = this.value.value;
    try {
      const note = { ifVersion: base.version, ...(reason !== '' && { reason }) };
      await this.document.change(base.value, saved, note);
    } catch (error) {
      if (!(error instanceof FlashbackError) || error.code !== 'precondition_failed') throw error;
      await this.load();
      if (this.base.value?.version === base.version) await this.load();
      return false;
    }
    this.meanwhile.value = undefined;
    await this.load();
    // The one that was under way may have come before the change.
    if (this.base.value?.version === base.version) await this.load();
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
      if (drafts.get(this.document.id) !== this) return;
      if (before !== undefined && this.base.value!.version > before) await this.tellWho();
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
      this.value.value = found.value;
      return;
    }
    if (found.version <= base.version) return;
    const { value, conflicts } = merge(base.value, this.value.value, found.value);
    const changes = changesBetween(base.value, found.value);
    this.base.value = found;
    this.value.value = value;
    this.undecided.value = [...this.undecided.value.filter((one) => !isIn(one, conflicts)), ...conflicts];
    // What this page saved itself comes back, too, and is nobody's change.
    if (this.changes.value.length === 0) return;
    this.meanwhile.value = {
      by: undefined,
      changes: [...(this.meanwhile.value?.changes ?? []), ...changes],
      conflicts: this.undecided.value,
    };
  }

  private async tellWho(): Promise<void> {
    const [newest] = (await this.document.list()).versions;
    const meanwhile = this.meanwhile.value;
    if (meanwhile !== undefined) this.meanwhile.value = { ...meanwhile, by: newest };
    else if (newest !== undefined && newest.actor.id !== user.value?.id) {
      const who = newest.actor.email ?? newest.actor.id ?? texts.meanwhile.somebody;
      announce(texts.meanwhile.news(who, texts.documents[this.document.id]));
    }
  }
}

const isIn = ({ path }: Conflict, conflicts: readonly Conflict[]) =>
  conflicts.some((one) => areEqual([...one.path], [...path]));

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

export function hasUnsavedChanges(): boolean {
  return [...drafts.values()].some(({ changes }) => changes.value.length > 0);
}

onAnotherMembership(() => drafts.clear());

versions.subscribe(() => {
  for (const draft of drafts.values()) if (draft.isBehind) void draft.load();
});
