import { describe, expect, it } from 'vitest';
import { type Action, documentModel, type JsonObject, type Reply, type Request } from './document-model.js';

const VERSION = 5;
const asked = (settings: JsonObject, request: Request) => documentModel.step({ version: VERSION, settings }, request);

describe('the model of a document', () => {
  it.each<[string, JsonObject, Action, JsonObject]>([
    ['PUT merges deep', { a: { b: 1 }, c: 1 }, { kind: 'merge', patch: { a: { d: 2 } } }, { a: { b: 1, d: 2 }, c: 1 }],
    ['PUT stores null', { a: 1 }, { kind: 'merge', patch: { a: null } }, { a: null }],
    [
      'PUT replaces what is no object',
      { a: 1, b: [1] },
      { kind: 'merge', patch: { a: { c: 1 }, b: [] } },
      { a: { c: 1 }, b: [] },
    ],
    ['POST replaces all', { a: 1 }, { kind: 'replace', settings: { b: 1 } }, { b: 1 }],
    [
      'DELETE takes paths',
      { a: { b: 1 }, c: 1 },
      { kind: 'delete-keys', keys: ['a.b', 'none', 'c.d'] },
      { a: {}, c: 1 },
    ],
    [
      'DELETE prefers the exact key',
      { 'a.b': 1, a: { b: 1 } },
      { kind: 'delete-keys', keys: ['a.b'] },
      { a: { b: 1 } },
    ],
    ['DELETE knows \\.', { 'a.b': 1, a: { b: 1 } }, { kind: 'delete-keys', keys: ['a\\.b'] }, { a: { b: 1 } }],
    [
      'a merge patch deletes',
      { a: 1, b: { c: 1 } },
      { kind: 'merge-patch', patch: { a: null, b: { c: null, d: 1 } } },
      { b: { d: 1 } },
    ],
    ['a merge patch on a scalar', { a: 1 }, { kind: 'merge-patch', patch: { a: { b: null, c: 1 } } }, { a: { c: 1 } }],
    [
      'a JSON patch appends',
      { l: [1] },
      { kind: 'json-patch', patch: [{ op: 'add', path: '/l/-', value: 2 }] },
      { l: [1, 2] },
    ],
    [
      'a JSON patch removes',
      { a: { b: 1 } },
      { kind: 'json-patch', patch: [{ op: 'remove', path: '/a/b' }] },
      { a: {} },
    ],
  ])('%s', (_, settings, action, expected) => {
    expect(asked(settings, action)).toStrictEqual({
      state: { version: VERSION + 1, settings: expected },
      output: { status: 200, version: VERSION + 1 },
    });
  });

  it.each<[string, Request, Reply]>([
    ['the same again', { kind: 'merge', patch: { a: 1 } }, { status: 200, version: VERSION }],
    ['a read', { kind: 'read' }, { status: 200, version: VERSION, settings: { a: 1 } }],
    ['a read of what is known', { kind: 'read', ifNoneMatch: [VERSION] }, { status: 304, version: VERSION }],
    ['a read of another version', { kind: 'read', ifMatch: [4] }, { status: 412, version: VERSION }],
    [
      'a change of another version',
      { kind: 'merge', patch: { a: 2 }, ifMatch: [4] },
      { status: 412, version: VERSION },
    ],
    [
      'a change that must be the first',
      { kind: 'merge', patch: { a: 2 }, ifNoneMatch: '*' },
      { status: 412, version: VERSION },
    ],
    ['a test that fails', { kind: 'json-patch', patch: [{ op: 'test', path: '/a', value: 2 }] }, { status: 409 }],
    [
      'a patch that fails at its end',
      {
        kind: 'json-patch',
        patch: [
          { op: 'add', path: '/b', value: 1 },
          { op: 'remove', path: '/none' },
        ],
      },
      { status: 409 },
    ],
    [
      'a patch that would not fit, of another version',
      { kind: 'json-patch', patch: [{ op: 'remove', path: '/none' }], ifMatch: [4] },
      { status: 412, version: VERSION },
    ],
  ])('changes nothing by %s', (_, request, output) => {
    const document = { version: VERSION, settings: { a: 1 } };
    const step = documentModel.step(document, request);
    expect(step.output).toStrictEqual(output);
    expect(step.state).toBe(document);
  });

  it('knows equal documents by their key', () => {
    const keyOf = (settings: JsonObject) => documentModel.keyOf({ version: 1, settings });
    expect(keyOf({ a: 1, b: { c: 1, d: [1] } })).toBe(keyOf({ b: { d: [1], c: 1 }, a: 1 }));
    expect(keyOf({ a: [1, 2] })).not.toBe(keyOf({ a: [2, 1] }));
  });
});
