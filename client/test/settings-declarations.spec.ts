import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../src/index.js';
import { settingsDeclarations } from '../src/settings-declarations.js';
import { compiled } from './compiled.js';

/** The types of settings, by what is in their schemas. */

const ofUser = (schema: object, locks: Policy['locks'] = {}) =>
  settingsDeclarations({ locks, schema: { user: schema } });

/** The members of one of the types, on one line. */
function membersOf(text: string, name = 'UserSettings'): string {
  const body = new RegExp(`export (?:interface ${name} |type ${name} = )(.*?);?\n(?=\n|$)`, 's').exec(text)![1]!;
  return body.replaceAll(/\s+/g, ' ');
}

const ofProperty = (property: object | boolean) =>
  /^\{ a\?: (.*); \}$/.exec(membersOf(ofUser({ properties: { a: property as object } })))?.[1];

describe('the type of a property', () => {
  it.each<[object | boolean, string]>([
    [true, 'unknown'],
    [{}, 'unknown'],
    [false, 'never'],
    [{ type: 'string', minLength: 1, format: 'email' }, 'string'],
    [{ type: ['integer', 'null'] }, 'number | null'],
    [{ enum: ['a', 1, null, { b: [true] }] }, '"a" | 1 | null | { b: [true] }'],
    [{ const: 'x' }, '"x"'],
    [{ type: 'array', items: { type: ['string', 'number'] } }, '(string | number)[]'],
    [{ type: 'array' }, 'unknown[]'],
    [{ prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 1, items: false }, '[string, number?]'],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'boolean' } }, '[string?, ...boolean[]]'],
    [{ type: 'object' }, '{ [key: string]: unknown; }'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{ [key: string]: number; }'],
    [{ type: 'object', additionalProperties: false }, '{ [key: string]: never; }'],
    [{ patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false }, '{ [key: string]: string; }'],
    [
      { properties: { n: { type: 'number' } }, additionalProperties: { type: 'string' } },
      '{ n?: number; [key: string]: string | number | undefined; }',
    ],
    [{ properties: { n: { type: 'number' } }, required: ['n', 'm'] }, '{ n: number; m: unknown; }'],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'number' }] }, 'string | number'],
    [{ oneOf: [{ const: 'a' }, { const: 'b' }] }, '"a" | "b"'],
    [
      { properties: { b: { type: 'string' }, c: {} }, anyOf: [{ required: ['b'] }, { required: ['c'] }] },
      '{ b?: string; c?: unknown; } & ({ b: unknown; } | { c: unknown; })',
    ],
    [
      { type: 'object', allOf: [{ properties: { b: { type: 'string' } } }, { required: ['b'] }] },
      '{ b?: string; } & { b: unknown; }',
    ],
    [
      { properties: { kind: { const: 'x' } }, if: { required: ['kind'] }, then: { properties: { more: {} } } },
      '{ kind?: "x"; } & ({ more?: unknown; } | {})',
    ],
    [
      { properties: { a: {} }, dependentSchemas: { a: { properties: { b: {} } } } },
      '{ a?: unknown; } & ({ b?: unknown; } | {})',
    ],
    [{ not: { type: 'string' } }, 'unknown'],
  ])('%j is %s', (schema, type) => {
    expect(ofProperty(schema)).toBe(type);
  });

  it('is a name for what stands under $defs, also where that refers to itself', () => {
    const tree = { properties: { 'sub-trees': { type: 'array', items: { $ref: '#/$defs/a~1tree' } } } };
    const text = ofUser({ properties: { root: { $ref: '#/$defs/a~1tree' } }, $defs: { 'a/tree': tree, unused: {} } });
    expect(membersOf(text)).toBe('{ root?: UserATree; }');
    expect(membersOf(text, 'UserATree')).toBe('{ "sub-trees"?: UserATree[]; }');
    expect(text).not.toContain('Unused');
    expect(membersOf(ofUser({ properties: { a: { $ref: '#/$defs/constructor' } } }))).toBe('{ a?: unknown; }');
  });

  const SELF = { $ref: '#/$defs/a' };
  const ofDefinitions = ($defs: object) => ofUser({ properties: { a: SELF }, $defs });

  const CIRCULAR: [string, Record<string, object>][] = [
    ['$ref', { a: SELF }],
    ['allOf', { a: { properties: { b: {} }, allOf: [{ allOf: [SELF] }] } }],
    ['anyOf', { a: { anyOf: [{ type: 'string' }, SELF] } }],
    ['oneOf', { a: { oneOf: [{ type: 'string' }, SELF] } }],
    ['then', { a: { if: {}, then: SELF } }],
    ['else', { a: { if: {}, else: SELF } }],
    ['dependentSchemas', { a: { dependentSchemas: { b: SELF } } }],
    ['another', { a: { $ref: '#/$defs/b' }, b: SELF }],
    [
      'another that is reached before',
      { a: { $ref: '#/$defs/b' }, b: { properties: { c: SELF }, allOf: [{ properties: { d: SELF } }, SELF] } },
    ],
  ];
  const TREES: [object, string][] = [
    [{ type: 'array', items: SELF }, 'UserA[]'],
    [{ prefixItems: [SELF], items: SELF }, '[UserA?, ...UserA[]]'],
    [{ anyOf: [{ type: 'null' }, { additionalProperties: SELF }] }, 'null | { [key: string]: UserA; }'],
    [{ allOf: [{ $ref: '#/$defs/b' }, { $ref: '#/$defs/b' }] }, 'UserB'],
  ];

  it.each(CIRCULAR)('is unknown for what refers to itself for the same value by %s', (_, $defs) => {
    expect(membersOf(ofDefinitions($defs), 'UserA')).toBe('unknown');
  });

  it.each(TREES)('refers to itself where %j does so further down', (a, type) => {
    expect(membersOf(ofDefinitions({ a, b: { properties: { a: SELF } } }), 'UserA')).toBe(type);
  });

  it('compiles whatever refers to itself', () => {
    const all = [...CIRCULAR.map(([, $defs]) => $defs), ...TREES.map(([a]) => ({ a, b: { properties: { a: SELF } } }))];
    const files = Object.fromEntries(all.map(($defs, n) => [`${n}.ts`, ofDefinitions($defs)]));
    const messages = compiled(resolve('client/test'), files);
    expect(messages).toStrictEqual(Object.fromEntries(Object.keys(files).map((file) => [file, []])));
  });

  it('is none where a $ref cannot be decoded, which is named', () => {
    expect(() => ofProperty({ $ref: '#/$defs/%zz' })).toThrow(
      '/schema/user has the $ref "#/$defs/%zz", which is not percent-encoded UTF-8',
    );
  });

  it('says in a comment what the schema says to people', () => {
    const text = ofUser({
      properties: {
        a: { title: 'Size', description: 'In */ bytes\nat most', default: 5, deprecated: true },
        b: { description: 'One line' },
      },
    });
    expect(text).toContain(`
  /**
   * Size
   * In *\\/ bytes
   * at most
   * @default 5
   * @deprecated
   */
  a?: unknown;
  /** One line */
  b?: unknown;
`);
  });
});

describe('a lock', () => {
  const SCHEMA = {
    properties: { a: { properties: { b: { type: 'string' }, c: { type: 'string' } }, required: ['b'] } },
  };

  it.each<[string, object, Policy['locks'], string]>([
    ['of a property', SCHEMA, { '/a/b': {} }, '{ a?: { b?: never; c?: string; }; }'],
    ['of all below', SCHEMA, { '/a': {} }, '{ a?: never; }'],
    ['of everything', SCHEMA, { '': {} }, '{ [key: string]: never; }'],
    [
      'where there is no schema',
      {},
      { '/a~1b/c': {} },
      '{ "a/b"?: { c?: never; [key: string]: unknown; }; [key: string]: unknown; }',
    ],
    ['of what the schema does not allow', SCHEMA, { '/x/y': {} }, '{ a?: { b: string; c?: string; }; }'],
    [
      'within a definition',
      { properties: { a: { $ref: '#/$defs/d' } }, $defs: { d: { properties: { b: {} } } } },
      { '/a/b': {} },
      '{ a?: UserD & { b?: never; }; }',
    ],
    [
      'by readOnly',
      { properties: { a: { readOnly: true }, b: { anyOf: [{ readOnly: true }] } } },
      {},
      '{ a?: never; b?: unknown; }',
    ],
  ])('%s', (_, schema, locks, members) => {
    expect(membersOf(ofUser(schema, locks).replaceAll(/ *\/\*\* Locked.*\n/g, ''))).toBe(members);
  });

  it.each([
    ['SOC 2', '    /** Locked by the system: SOC 2 */\n'],
    ['SOC 2\r\n\nand */ more\u2028', '    /**\n     * Locked by the system: SOC 2\n     * and *\\/ more\n     */\n'],
  ])('has its reason in a comment: %j', (reason, comment) => {
    expect(ofUser(SCHEMA, { '/a/b': { reason } })).toContain(`${comment}    b?: never;`);
  });

  it('of everything is in the comment of each type', () => {
    const text = ofUser(SCHEMA, { '': { reason: 'Moving' } });
    for (const name of ['OrganizationSettings', 'UserSettings', 'EffectiveSettings']) {
      expect(text).toMatch(new RegExp(`/\\*\\*\n \\* Locked by the system: Moving\n[^/]*/\nexport interface ${name} `));
    }
  });
});

describe('what applies', () => {
  const effective = (policy: Policy) =>
    membersOf(settingsDeclarations(policy), 'EffectiveSettings').replaceAll(/\/\*.*?\*\/ /g, '');

  it('is of either schema, and there where one has a default', () => {
    const organization = {
      properties: {
        size: { type: 'string' },
        security: { properties: { mfa: { type: 'boolean', default: true }, timeout: { type: 'integer' } } },
        brand: { type: 'object', default: { colour: 'red' }, properties: { colour: { type: 'string' }, logo: {} } },
      },
    };
    const user = { properties: { size: { type: 'integer' }, security: { properties: { mfa: { enum: [true] } } } } };
    expect(effective({ schema: { organization, user } })).toBe(
      '{ size?: number | string; security: { mfa: true | boolean; timeout?: number; }; brand: { colour: string; logo?: unknown; }; }',
    );
  });

  it('has names that every object has only where a schema has them', () => {
    const organization = JSON.parse(
      '{"properties":{"toString":{"type":"string"},"__proto__":{"type":"string","default":"x"},"valueOf":{}}}',
    ) as object;
    const user = { properties: { valueOf: { type: 'integer' } }, default: { valueOf: 1 } };
    expect(effective({ schema: { organization, user } })).toBe(
      '{ valueOf: unknown; toString?: string; __proto__: string; }',
    );
  });

  it('has what is locked, too', () => {
    const user = { properties: { plan: { type: 'string', readOnly: true }, theme: { type: 'string' } } };
    expect(effective({ locks: { '/theme': {} }, schema: { user } })).toBe('{ plan?: string; theme?: string; }');
    expect(effective({})).toBe('{ [key: string]: unknown; }');
  });

  it('is of all that either allows where one says it in another way', () => {
    const organization = { properties: { a: { properties: { b: { type: 'string' } } } } };
    const user = { properties: { a: { $ref: '#/$defs/d' } }, $defs: { d: { properties: { c: {} } } } };
    expect(effective({ schema: { organization, user } })).toBe('{ a?: UserD | { b?: string; }; }');
  });
});

it('the module compiles, whatever names there are', () => {
  const names = [
    'a b',
    '',
    '1',
    "it's",
    '"',
    'ключ',
    '\u2028',
    '*/',
    '__proto',
    'constructor',
    'readonly',
    '\\',
    '`${x}',
  ];
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string', title: name, default: name }]));
  const $defs = Object.fromEntries(names.map((name) => [`${name}!`, { enum: names, description: '*/ export {' }]));
  const references = Object.fromEntries(
    names.map((name, n) => [`r${n}`, { $ref: `#/$defs/${encodeURIComponent(name.replaceAll('/', '~1'))}!` }]),
  );
  const policy = {
    locks: Object.fromEntries(names.map((name) => [`/locked/${name.replaceAll('/', '~1')}`, { reason: '*/ x' }])),
    schema: {
      organization: { properties: { ...properties, ...references }, required: names, $defs },
      user: { properties: { ...references, ...properties }, additionalProperties: { type: 'integer' }, $defs },
    },
  };
  const files = {
    'hostile.ts': settingsDeclarations(policy),
    'empty.ts': settingsDeclarations({}),
    'user.ts': `import type { DeploymentSettings } from './hostile.js';
      import type { DeploymentSettings as Empty } from './empty.js';
      export const text: string = ({} as DeploymentSettings).effective['*/'];
      export const unknown: Empty['user'] = { anything: 1 };`,
  };
  expect(compiled(resolve('client/test'), files)).toStrictEqual({ 'hostile.ts': [], 'empty.ts': [], 'user.ts': [] });
});
