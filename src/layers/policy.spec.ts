import { describe, expect, it } from 'vitest';
import { writeTree } from '../common/json/json-tree.js';
import { type PolicyLayer, readPolicy } from './policy.js';

const read = (policy: object, by: PolicyLayer = 'system') => readPolicy(JSON.stringify(policy), by);

const nested = (depth: number): object => (depth === 1 ? {} : { items: nested(depth - 1) });

describe('readPolicy', () => {
  it('reads locks, defaults and enforcement', () => {
    const policy = read({
      locks: { '/security/requireMFA': { reason: 'SOC 2' }, '/branding': {} },
      schema: {
        organization: {
          properties: {
            theme: { default: 'dark', properties: { ignored: {} } },
            plan: { readOnly: true },
            limits: { properties: { a: { default: 1 }, b: {} } },
            ways: { anyOf: [{ default: 2, readOnly: true }] },
          },
        },
      },
    });
    expect(policy.enforcement).toBe('enforce');
    expect(policy.locks).toStrictEqual([
      { by: 'system', pointer: '/security/requireMFA', reason: 'SOC 2' },
      { by: 'system', pointer: '/branding' },
      { by: 'system', pointer: '/plan' },
    ]);
    expect(writeTree(policy.defaults.organization!)).toBe('{"theme": "dark", "limits": {"a": 1}}');
    expect(policy.defaults.user).toBeUndefined();
  });

  it('reads an empty policy, which says nothing', () => {
    expect(read({}, 'organization')).toMatchObject({ enforcement: 'enforce', locks: [], schemas: {}, defaults: {} });
  });

  it('keeps the digits of defaults', () => {
    const text = '{"schema": {"user": {"properties": {"a": {"default": 12345678901234567890.50}}}}}';
    expect(writeTree(readPolicy(text, 'organization').defaults.user!)).toBe('{"a": 12345678901234567890.50}');
  });

  it.each<[string, object, PolicyLayer]>([
    ['the policy has an unknown member lock (did you mean locks?)', { lock: {} }, 'system'],
    ['/enforcement must be off, warn, enforce', { enforcement: 'strict' }, 'system'],
    ['/locks must be an object', { locks: [] }, 'system'],
    ['/locks/a must be a JSON Pointer (RFC 6901), such as /security/requireMFA', { locks: { a: {} } }, 'system'],
    [
      '/locks/~1~02 must be a JSON Pointer (RFC 6901), such as /security/requireMFA',
      { locks: { '/~2': {} } },
      'system',
    ],
    ['/locks/~1a must be an object', { locks: { '/a': true } }, 'system'],
    ['/locks/~1a has an unknown member why (known: reason)', { locks: { '/a': { why: '' } } }, 'system'],
    [
      '/locks/~1a/reason must be text of 1 to 200 characters, without control characters',
      { locks: { '/a': { reason: 'a\nb' } } },
      'system',
    ],
    [
      '/locks must have at most 1000 members',
      { locks: Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`/${at}`, {}])) },
      'system',
    ],
    ['/schema must be an object', { schema: true }, 'system'],
    ['/schema has an unknown member organization (known: user)', { schema: { organization: {} } }, 'organization'],
    ['/schema/user must be an object', { schema: { user: true } }, 'organization'],
    [
      '/schema/user/properties/a/requird is no keyword that a schema may have here',
      { schema: { user: { properties: { a: { requird: [] } } } } },
      'organization',
    ],
    [
      '/schema/user/$id is no keyword that a schema may have here',
      { schema: { user: { $id: 'https://a.b' } } },
      'system',
    ],
    [
      '/schema/user/items/$dynamicRef is no keyword that a schema may have here',
      { schema: { user: { items: { $dynamicRef: '#a' } } } },
      'system',
    ],
    [
      '/schema/user/not/$ref must refer to one of #/$defs/',
      { schema: { user: { not: { $ref: 'https://a.b/c' } } } },
      'system',
    ],
    [
      '/schema/user/not/$ref must refer to one of #/$defs/',
      { schema: { user: { $defs: { a: { const: {} } }, not: { $ref: '#/$defs/a/const' } } } },
      'system',
    ],
    [
      '/schema/user/$schema must be https://json-schema.org/draft/2020-12/schema, at the top',
      { schema: { user: { $schema: 'http://json-schema.org/draft-07/schema#' } } },
      'system',
    ],
    [
      '/schema/user must not have more than 200 schemas in it',
      { schema: { user: { anyOf: Array.from({ length: 200 }, () => ({})) } } },
      'system',
    ],
    ['must not nest deeper than 32 schemas', { schema: { user: nested(33) } }, 'system'],
    [
      'the policy takes 131104 bytes, more than the 131072 allowed',
      { schema: { user: { title: 'x'.repeat(131072) } } },
      'system',
    ],
  ])('refuses: %s', (message, policy, by) => {
    expect(() => read(policy, by)).toThrow(message);
  });

  it('takes what is just within the bounds', () => {
    expect(() => read({ schema: { user: nested(32) } })).not.toThrow();
    expect(() =>
      read({ schema: { user: { anyOf: Array.from({ length: 199 }, () => ({})), 'x-note': 1 } } }),
    ).not.toThrow();
  });
});
