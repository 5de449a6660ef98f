import { afterAll, describe, expect, it } from 'vitest';
import { brokenBy, type Change, judge, judgementOf, refusedBy } from '../../test/support/policy-judgements.js';
import { readPolicy } from './policy.js';
import { PolicyJudge } from './policy-judge.js';
import type { PolicySandbox } from './policy-sandbox.js';

afterAll(() => judge.onApplicationShutdown());

const PARTIES = { ownerId: 'acme', callerId: 'ada' };

describe('requireValid', () => {
  const requireValid = (schema: object) =>
    judge.requireValid(JSON.stringify({ schema: { user: schema } }), 'system', {
      ...PARTIES,
      since: performance.now(),
    });

  it('takes a schema', async () => {
    await requireValid({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        maxFileSize: { type: 'string', pattern: '^[0-9]+GB$' },
        at: { format: 'date-time', 'x-unit': 's' },
      },
      $defs: { tree: { properties: { child: { $ref: '#/$defs/tree' } } } },
      unevaluatedProperties: { $ref: '#/$defs/tree' },
      dependentRequired: { a: ['b'] },
      prefixItems: [true, false],
    });
  });

  it.each([
    [
      '/schema/user/properties/a/type must be equal to one of the allowed values',
      { properties: { a: { type: 'int' } } },
    ],
    ['/schema/user/minLength must be >= 0', { minLength: -1 }],
    ['/schema/user/required must be array', { required: 'a' }],
    [
      '/schema/user unknown format "phone" ignored in schema at path "#/properties/a"',
      { properties: { a: { format: 'phone' } } },
    ],
    [
      '/schema/user has the pattern "(a)\\\\1", which is none of RE2 (no lookaround, no references back)',
      { pattern: '(a)\\1' },
    ],
    ["/schema/user can't resolve reference #/$defs/a from id #", { $ref: '#/$defs/a' }],
  ])('refuses: %s', async (message, schema) => {
    await expect(requireValid(schema)).rejects.toThrow(message);
  });

  it('ends what takes too long to compile, and goes on', async () => {
    const pattern = (at: number) => ({ pattern: `[a-z]{1,${500 + at}}[0-9]{1,400}` });
    const properties = Object.fromEntries(Array.from({ length: 190 }, (_, at) => [`p${at}`, pattern(at)]));
    await expect(requireValid({ properties })).rejects.toThrow('the policy takes too long to check');
    await requireValid({ type: 'object' });
  });
});

describe('locks', () => {
  const locked = { organization: { locks: { '/a/b': {}, '/c': { reason: 'SOC 2' } } } };

  it.each<[string, Change['before'], Change['after'], string[]]>([
    ['the same value', { a: { b: 1 } }, { a: { b: 1 }, d: 2 }, []],
    ['the same value in another spelling', '{"a":{"b":[1.0, "x"]}}', '{"a":{"b":[1,"\\u0078"]}}', []],
    ['another value', { a: { b: 1 } }, { a: { b: 2 } }, ['organization /a/b']],
    ['a value where there was none', null, { a: { b: 1 } }, ['organization /a/b']],
    ['another digit', '{"c": 12345678901234567890}', '{"c": 12345678901234567891}', ['organization /c']],
    ['a value below', { c: { x: 1, y: 1 } }, { c: { x: 1, y: 2 } }, ['organization /c']],
    ['a new member below', { c: { x: 1 } }, { c: { x: 1, y: 1 } }, ['organization /c']],
    ['an empty object', {}, { c: {} }, ['organization /c']],
    ['removing it', { c: { x: 1 } }, {}, []],
    ['removing a part of it', { c: { x: { z: 1 }, y: 1 } }, { c: { x: {} } }, []],
    ['removing what is above', { a: { b: 1 } }, {}, []],
    ['a neighbour', { a: { b: 1 } }, { a: { b: 1, x: 1 } }, []],
    ['a scalar above', { a: { b: 1 } }, { a: 1 }, ['organization /a/b']],
    ['a scalar above that was there', { a: 1 }, { a: 1, d: 1 }, []],
    ['another scalar above', { a: 1 }, { a: 2 }, ['organization /a/b']],
    ['the scalar above as a value', { a: 1 }, { a: { b: 1 } }, ['organization /a/b']],
    ['an object in the place of a scalar above', { a: 1 }, { a: { x: 1 } }, []],
    ['both', {}, { a: { b: 1 }, c: 1 }, ['organization /a/b', 'organization /c']],
  ])('judge %s', async (_, before, after, expected) => {
    expect(await brokenBy({ before, after, ...locked })).toStrictEqual(expected);
  });

  it('bind the layers below their own', async () => {
    const change = { before: {}, after: { c: 1 } };
    expect(await brokenBy({ ...change, ...locked, layer: 'organization' })).toStrictEqual([]);
    expect(await brokenBy({ ...change, system: locked.organization, layer: 'organization' })).toStrictEqual([
      'system /c',
    ]);
    expect(await brokenBy({ ...change, system: locked.organization, ...locked })).toStrictEqual([
      'system /c',
      'organization /c',
    ]);
  });
});

describe('many locks', () => {
  const organization = { locks: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`/a/${at}`, {}])) };

  it('below one large array are judged by one comparison', async () => {
    const zeros = Array.from({ length: 60_000 }, () => 0);
    const since = performance.now();
    const broken = await brokenBy({ before: { a: [...zeros, 1] }, after: { a: [...zeros, 2] }, organization });
    expect(broken).toHaveLength(1000);
    // One comparison takes some 20 ms, a thousand of them 20 s.
    expect(performance.now() - since).toBeLessThan(4_000);
  });

  it('are judged each by itself where the one above is broken', async () => {
    const nested = { locks: { '/a': {}, '/a/b': {}, '/a/c': {}, '/a/c/d': {} } };
    const change = { before: { a: { b: 1, c: { d: 1 } } }, after: { a: { b: 2, c: { d: 1 } } } };
    expect(await brokenBy({ ...change, organization: nested })).toStrictEqual(['organization /a', 'organization /a/b']);
  });
});

describe('schemas', () => {
  const size = { properties: { maxFileSize: { type: 'string', pattern: '^[0-9]+GB$' } }, required: ['plan'] };
  const organization = { schema: { user: size } };

  it('refuse what a change brings in, and name place and rule', async () => {
    const change = { before: { plan: 'a' }, after: { maxFileSize: '10 GB', plan: 'a' }, organization };
    expect(await judgementOf(change)).toStrictEqual({
      locks: [],
      refused: {
        count: 1,
        rules: [
          { pointer: '/maxFileSize', rule: 'pattern', message: 'must match pattern "^[0-9]+GB$"', by: 'organization' },
        ],
      },
      warned: { count: 0, rules: [] },
    });
  });

  it.each<[string, Change['before'], Change['after'], string[]]>([
    ['what was wrong before', { maxFileSize: 1 }, { maxFileSize: 2 }, []],
    ['what is mended', { maxFileSize: 1 }, { plan: 1 }, []],
    [
      'what is wrong in another way',
      { maxFileSize: 1, plan: 1 },
      { maxFileSize: 'x', plan: 1 },
      ['/maxFileSize must match pattern "^[0-9]+GB$"'],
    ],
    ['what gets missing', { plan: 1 }, {}, ["the document must have required property 'plan'"]],
    ['a first document', null, { maxFileSize: 1 }, ['/maxFileSize must be string']],
  ])('judge %s', async (_, before, after, expected) => {
    expect(await refusedBy({ before, after, organization })).toStrictEqual(expected);
  });

  it('tell unknown members apart', async () => {
    const change = { before: { x: 1 }, after: { x: 1, 'y/z': 1 } };
    const schema = { user: { properties: { a: {} }, additionalProperties: false } };
    expect(await refusedBy({ ...change, organization: { schema } })).toStrictEqual(['/y~1z must NOT be present']);
  });

  it('know only the members that a document has of its own', async () => {
    const schema = { user: { required: ['toString'], properties: { constructor: { type: 'string' } } } };
    expect(await refusedBy({ before: { toString: 1 }, after: {}, organization: { schema } })).toStrictEqual([
      "the document must have required property 'toString'",
    ]);
  });

  it('take numbers that no double holds', async () => {
    const schema = { user: { properties: { a: { type: 'integer', minimum: 1 }, b: { multipleOf: 0.01 } } } };
    expect(await refusedBy({ before: null, after: '{"a": 1e400, "b": 0.07}', organization: { schema } })).toStrictEqual(
      [],
    );
  });

  it('check formats', async () => {
    const schema = { user: { properties: { a: { format: 'email' } } } };
    expect(await refusedBy({ before: null, after: { a: 'x' }, organization: { schema } })).toStrictEqual([
      '/a must match format "email"',
    ]);
  });

  it('only warn, or say nothing, where they are not enforced', async () => {
    const change = { before: { plan: 1 }, after: { maxFileSize: 1, plan: 1 } };
    const warned = await judgementOf({ ...change, organization: { ...organization, enforcement: 'warn' } });
    expect(warned).toMatchObject({ refused: { count: 0 }, warned: { count: 1 } });
    const off = await judgementOf({ ...change, organization: { ...organization, enforcement: 'off' } });
    expect(off).toMatchObject({ refused: { count: 0 }, warned: { count: 0 } });
  });

  it('of both policies count', async () => {
    const system = { schema: { user: { required: ['a'] }, organization: { required: ['b'] } }, enforcement: 'warn' };
    const { refused, warned } = await judgementOf({ before: { a: 1, plan: 1 }, after: {}, system, organization });
    expect(refused.rules.map(({ by }) => by)).toStrictEqual(['organization']);
    expect(warned.rules.map(({ by }) => by)).toStrictEqual(['system']);
  });

  it('are looked at anew when a policy changes', async () => {
    const change = { before: {}, after: { a: 1 } };
    const first = { schema: { user: { properties: { a: { type: 'string' } } } } };
    const second = { schema: { user: { properties: { a: { type: 'boolean' } } } } };
    expect(await refusedBy({ ...change, organization: first })).toStrictEqual(['/a must be string']);
    expect(await refusedBy({ ...change, organization: second })).toStrictEqual(['/a must be boolean']);
    expect(await refusedBy({ ...change, organization: first })).toStrictEqual(['/a must be string']);
  });

  it('count thousands of violations, and keep the first hundred', async () => {
    const schema = { user: { properties: { a: { items: { type: 'string' } } } } };
    const { refused } = await judgementOf({
      before: null,
      after: { a: Array(5_000).fill(1) },
      organization: { schema },
    });
    expect(refused.count).toBe(5_000);
    expect(refused.rules).toHaveLength(100);
  });
});

describe('an impact that takes too long', () => {
  const judge = new PolicyJudge({ run: () => Promise.resolve({ status: 'too-much' }) } as unknown as PolicySandbox);
  const question = { before: { settings: '{}', policy: '{}' }, after: { settings: '{}', policy: '{}' }, groups: [] };
  const parties = { ownerId: 'acme', callerId: 'ada', since: performance.now() };

  it('names the policy only where a schema of one is changed', async () => {
    await expect(judge.measure(question, undefined, parties)).rejects.toMatchObject({
      detail: 'the impact takes too long to work out',
    });
    const policy = readPolicy('{"schema":{"user":{"type":"object"}}}', 'organization');
    await expect(judge.measure(question, policy, parties)).rejects.toMatchObject({
      detail: 'the policy takes too long to check',
    });
  });
});
