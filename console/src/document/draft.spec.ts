import { FlashbackError } from '@flashback/client/lossless';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../json/value.js';
import type { Draft } from './draft.js';
import type { Snapshot, VersionedDocument, VersionInfo } from './versioned-document.js';

// The draft looks for who is signed in, in a page.
vi.stubGlobal('document', { querySelector: () => null });
vi.stubGlobal('location', { origin: 'http://127.0.0.1', pathname: '/console', hash: '' });
const { Draft: DraftOf, namesOf } = await import('./draft.js');

describe('a draft', () => {
  let stored: Snapshot;
  let changes: JsonObject[];
  /** The newest first. */
  let history: VersionInfo[];
  let whileSaving: () => void;
  let draft: Draft;

  const somebodySaves = (value: JsonObject, id = 'somebody') => {
    stored = { value, version: stored.version + 1 };
    history.unshift({ version: stored.version, actor: { id, email: `${id}@acme.example` } } as VersionInfo);
    return draft.load();
  };

  beforeEach(async () => {
    stored = { value: { a: 1, b: 1 }, version: 1 };
    changes = [];
    history = [];
    whileSaving = () => undefined;
    draft = new DraftOf({
      id: 'organization',
      isWritable: true,
      read: () => Promise.resolve(stored),
      change: (_from, to, { ifVersion }) => {
        changes.push(to);
        if (ifVersion !== stored.version) {
          return Promise.reject(new FlashbackError('precondition_failed', 'Somebody was faster'));
        }
        whileSaving();
        stored = { value: to, version: stored.version + 1 };
        return Promise.resolve();
      },
      // As many on a page as show that there are pages.
      list: (before = Infinity) => {
        const versions = history.filter(({ version }) => version < before).slice(0, 2);
        return Promise.resolve({ versions, next: versions.at(-1)?.version ?? null });
      },
    } as Partial<VersionedDocument> as VersionedDocument);
    await draft.load();
  });

  it('sends nothing while it is not decided whose value a key shall have', async () => {
    draft.set(['a'], 2);
    await somebodySaves({ a: 3, b: 1 });
    expect(await draft.save('')).toBe(false);
    expect(changes).toStrictEqual([]);
    draft.decide(draft.undecided.value[0]!, 2);
    expect(await draft.save('')).toBe(true);
    expect(stored.value).toStrictEqual({ a: 2, b: 1 });
  });

  it('keeps what is typed while it is saved', async () => {
    draft.set(['a'], 2);
    whileSaving = () => {
      draft.set(['a'], 3);
      draft.set(['b'], 2);
    };
    expect(await draft.save('')).toBe(true);
    expect(draft.value.value).toStrictEqual({ a: 3, b: 2 });
    expect(draft.changes.value).toMatchObject([
      { path: ['a'], before: 2, after: 3 },
      { path: ['b'], before: 1, after: 2 },
    ]);
    expect(draft.meanwhile.value).toBeUndefined();
    expect(draft.undecided.value).toStrictEqual([]);
  });

  it('asks about what both sides are by now, and no longer when they are the same', async () => {
    draft.set(['a'], 2);
    await somebodySaves({ a: 3, b: 1 });
    draft.set(['a'], 4);
    expect(draft.undecided.value).toStrictEqual([{ path: ['a'], base: 1, mine: 4, theirs: 3 }]);
    draft.set(['a'], 3);
    expect(draft.undecided.value).toStrictEqual([]);
  });

  describe('names all who changed the document since it was begun', () => {
    const said = () => namesOf(draft.meanwhile.value!.by);

    it('and nobody who did so before', async () => {
      await somebodySaves({ a: 1, b: 1, before: true }, 'zoe');
      draft.set(['a'], 2);
      await somebodySaves({ a: 3, b: 1 }, 'bob');
      expect(said()).toBe('bob@acme.example');
      await somebodySaves({ a: 3, b: 2 }, 'eve');
      await somebodySaves({ a: 3, b: 3 }, 'eve');
      expect(said()).toBe('eve@acme.example and bob@acme.example');
    });

    it('also when it hears of several changes at once, and when it was a text that was no JSON', async () => {
      const from = draft.moment;
      draft.setText('{"a": 2, ', from);
      void somebodySaves({ a: 3, b: 1 }, 'bob');
      await somebodySaves({ a: 4, b: 1 }, 'eve');
      draft.setText('{"a": 2, "b": 1}', from);
      await vi.waitFor(() => expect(said()).toBe('eve@acme.example and bob@acme.example'));
    });

    it('but not very many of them', async () => {
      draft.set(['a'], 2);
      for (let n = 0; n < 7; n++) await somebodySaves({ a: 1, b: n }, `user${n}`);
      expect(said()).toMatch(/^user6@.*user2@acme\.example, and others$/);
    });
  });

  describe('as a text that is no JSON for a while', () => {
    const BROKEN = '{"a": 2, ';

    it('takes nothing over, and keeps it until it is thrown away', () => {
      draft.setText(BROKEN, draft.moment);
      expect(draft.value.value).toStrictEqual({ a: 1, b: 1 });
      expect(draft.unread.value).toMatchObject({ text: BROKEN, from: { value: { a: 1, b: 1 } } });
      draft.discardText();
      expect(draft.unread.value).toBeUndefined();
    });

    it('merges in what others changed meanwhile, and asks about what collides', async () => {
      const { from } = (draft.setText(BROKEN, draft.moment), draft.unread.value!);
      await somebodySaves({ a: 3, b: 3 });
      expect(draft.setText('{"a": 2, "b": 1}', from)).toBe(false);
      expect(draft.value.value).toStrictEqual({ a: 2, b: 3 });
      expect(draft.undecided.value).toStrictEqual([{ path: ['a'], base: 1, mine: 2, theirs: 3 }]);
      expect(draft.meanwhile.value).toBeDefined();
      expect(await draft.save('')).toBe(false);
    });

    it("asks about another's change under one that was typed elsewhere on the page", async () => {
      const from = draft.moment;
      draft.setText(BROKEN, from);
      await somebodySaves({ a: 3, b: 1 });
      draft.set(['a'], 4);
      draft.setText('{"a": 2, "b": 1}', from);
      expect(draft.undecided.value).toStrictEqual([{ path: ['a'], base: 1, mine: 2, theirs: 3 }]);
    });

    it('does not ask about what was typed elsewhere on the page alone', () => {
      const from = draft.moment;
      draft.setText(BROKEN, from);
      draft.set(['a'], 4);
      draft.setText('{"a": 2, "b": 1}', from);
      expect(draft.value.value).toStrictEqual({ a: 2, b: 1 });
      expect(draft.undecided.value).toStrictEqual([]);
    });
  });

  it('forgets a conflict that was solved by hand', async () => {
    draft.set(['a'], 2);
    await somebodySaves({ a: 3, b: 1 });
    draft.set(['a'], 3);
    await somebodySaves({ a: 3, b: 2 });
    draft.set(['a'], 5);
    expect(draft.undecided.value).toStrictEqual([]);
    expect(draft.meanwhile.value).toBeUndefined();
  });
});
