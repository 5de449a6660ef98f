import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, type TestOrganization } from '../../test/support/factories.js';
import { FlashbackClient, FlashbackError, JsonNumber } from '../src/lossless.js';
import { parse, stringify } from '../src/lossless-json.js';
import { rejectionOf } from './a-server.js';

/** Numbers that a double rounds, or turns into zero or infinity. */
const UNHELD = [
  '12345678901234567890',
  '-12345678901234567890123456789012345678901234567890',
  '9007199254740993',
  '0.1000000000000000055511151231257827',
  '-0.30000000000000000000000000000000000000004',
  `${'9'.repeat(1000)}`,
];

const HELD = ['0', '-1', '0.1', '1.10', '1e2', '1E+2', '9007199254740991', '5e-324', '-1.7976931348623157e-300'];

describe('parse', () => {
  it.each([...UNHELD, '9007199254740992', '1e21', '100000000000000000000000', '1e400', '-1e-400', '123456789e-400'])(
    'keeps %s',
    (text) => {
      const number = parse(text);
      expect(number).toBeInstanceOf(JsonNumber);
      expect(String(number)).toBe(text);
    },
  );

  it.each([...HELD, '0e999', '-0.0'])('makes a number of %s', (text) => {
    expect(parse(text)).toBe(JSON.parse(text));
  });

  it('leaves strings and keys alone, whatever they look like', () => {
    const unheld = '12345678901234567890';
    const strings = [
      '',
      'n',
      `${unheld}n`,
      `"${unheld}`,
      '\\',
      `\\"${unheld}`,
      ': 1',
      '" :',
      `é\n\u0001${unheld}`,
      '"s":1',
    ];
    const value = { ...Object.fromEntries(strings.map((string) => [string, string] as const)), list: strings };
    const text = JSON.stringify(value);
    const spaced = JSON.stringify(value, null, 2).replaceAll(/":(?= ["[])/g, '" \t:');
    for (const json of [text, spaced]) {
      const [n, ...rest] = parse(`[${unheld},${json},${unheld}]`) as unknown[];
      expect(String(n)).toBe(unheld);
      expect(JSON.stringify(rest)).toBe(`[${text},"${unheld}"]`);
    }
  });

  it('reads long strings and numbers', () => {
    const long = '\\"'.repeat(1_000_000);
    const digits = '9'.repeat(1_000_000);
    const [string, number] = parse(`["${long}",${digits}]`) as unknown[];
    expect(string).toHaveLength(1_000_000);
    expect(String(number)).toHaveLength(1_000_000);
  });

  it('sets keys as JSON.parse does, and no prototype', () => {
    const value = parse('{"__proto__":{"n":12345678901234567890},"constructor":1,"twice":1,"twice":2}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toStrictEqual(['__proto__', 'constructor', 'twice']);
    expect(value).toMatchObject({ constructor: 1, twice: 2 });
  });

  it.each([
    '',
    '{',
    '01',
    '1.',
    '-',
    '{"a":12345678901234567890',
    '{12345678901234567890:1}',
    '012345678901234567890',
    '"a',
  ])('refuses %s as JSON.parse does', (text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  it('reads whatever JSON.parse reads, to the same', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(stringify(parse(text)) ?? '')).toStrictEqual(JSON.parse(text));
      }),
    );
  });
});

describe('stringify', () => {
  it('writes every digit', () => {
    expect(stringify({ a: new JsonNumber('1.10'), b: [12345678901234567890n], c: 1e21 })).toBe(
      '{"a":1.10,"b":[12345678901234567890],"c":1e+21}',
    );
  });

  it('writes all else as JSON.stringify does', () => {
    const odd = [undefined, () => 1, Symbol('s'), NaN, Infinity, -0, new Date(0), '\ud800"\u2028', new Map(), null];
    for (const value of [odd, Object.fromEntries(odd.entries()), Array(2), { toJSON: () => ({ b: 1 }) }, ...odd]) {
      expect(stringify(value)).toBe(JSON.stringify(value));
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(stringify(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('refuses what contains itself', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    expect(() => stringify(circular)).toThrow(RangeError);
  });

  it('is undone by parse', () => {
    const numbers = fc
      .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 1n }), fc.constantFrom('', '.5', '.000000000000000000001'))
      .map(([sign, whole, fraction]) => `${sign}${whole}${fraction}`);
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), numbers)), (objects) => {
        const text = `[${objects
          .map(
            (object) =>
              `{${Object.entries(object)
                .map(([key, number]) => `${JSON.stringify(key)}:${number}`)
                .join()}}`,
          )
          .join()}]`;
        expect(stringify(parse(text))).toBe(text);
      }),
    );
  });
});

describe('a JsonNumber', () => {
  it.each(['', 'a', '01', '1.', '.5', '+1', '1e', ' 1', '1,"a":2', 'NaN', '0x1', '1\n'])('cannot be "%s"', (text) => {
    expect(() => new JsonNumber(text)).toThrow(SyntaxError);
  });

  it('becomes a BigInt, a string, and a string of plain JSON', () => {
    const number = new JsonNumber('12345678901234567890');
    expect(BigInt(number.toString())).toBe(12345678901234567890n);
    expect(number.toString()).toBe('12345678901234567890');
    expect(JSON.stringify({ number })).toBe('{"number":"12345678901234567890"}');
  });
});

describe('the lossless client on the service', () => {
  let app: TestApp;
  let organization: TestOrganization;
  let client: FlashbackClient;

  beforeAll(async () => {
    app = await TestApp.start();
    organization = await anOrganization(app.dataSource);
    client = new FlashbackClient({ accessToken: app.tokenFor(organization.owner), baseUrl: app.url });
  });
  afterAll(() => app.close());

  it.each(UNHELD)('keeps %s in both directions', async (text) => {
    const number = new JsonNumber(text);
    await client.settings.organization.update({ settings: { number } });
    await client.settings.organization.partialUpdate({ deep: { list: [number, 1] } });
    const { settings } = await client.settings.organization.get();
    const raw = await app.request('GET', '/settings/organization', { as: organization.owner });
    expect(raw.text).toContain(`"number": ${text}`);
    expect(settings).toStrictEqual({ number, deep: { list: [number, 1] } });
    expect(String(settings['number'])).toBe(text);
  });

  it('sends back what it read, and nothing has changed', async () => {
    const document = `{"a": [${[...UNHELD, ...HELD].join(', ')}], "n": {"n1": "n1"}, "toString": "s", "constructor": null}`;
    await app.request('POST', '/settings/user', { as: organization.owner, body: `{"settings":${document}}` });
    const before = await app.request('GET', '/settings/user', { as: organization.owner });
    await client.settings.user.update({ settings: (await client.settings.user.get()).settings });
    const after = await app.request('GET', '/settings/user', { as: organization.owner });
    expect(after.text).toBe(before.text);
  });

  it('reaches down to the deepest level that there is', async () => {
    const depth = 32;
    const document = `${'{"a":'.repeat(depth - 1)}{"n":12345678901234567890}${'}'.repeat(depth - 1)}`;
    await client.settings.user.update({ settings: parse(document) as object });
    expect(stringify((await client.settings.user.get()).settings)).toBe(document);
  });

  it('throws the same errors', async () => {
    const error = await rejectionOf(client.settings.user.partialUpdate({ limit: new JsonNumber('1e131071') }));
    expect(error).toBeInstanceOf(FlashbackError);
    expect(error).toMatchObject({ code: 'invalid', error: expect.stringContaining('1e131071') as string });
  });
});
