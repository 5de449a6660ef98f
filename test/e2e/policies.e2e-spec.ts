import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { policyRequests, violationsOf } from './policy-requests.js';

let app: TestApp;
/** Another instance on the same database. */
let other: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  // What one caller may take of the database's time is not tested here, and a busy machine takes more of it.
  const withoutLimits = { DATABASE_TIME_PER_CALLER: '0', DATABASE_TIME_PER_OWNER: '0' };
  app = await TestApp.start(withoutLimits);
  other = await TestApp.start(withoutLimits, app.database);
  service = await aService(app.dataSource, ['system:read', 'system:write']);
});
afterAll(async () => {
  await other.close();
  await app.close();
});
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  await bySystem({});
});

const { bySystem, byOrganization } = policyRequests(() => ({ app, organization, service }));

const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

/** Both kinds of settings that policies bind, and who binds them here. */
const BOUND = SCOPES.map((scope) => ({
  ...scope,
  by: scope.scope === 'organization' ? 'system' : 'organization',
  bind: (policy: object) => (scope.scope === 'organization' ? bySystem(policy) : byOrganization(policy)),
}));

describe.each(BOUND)('$scope settings under a policy', ({ scope, path, noun, title, writer, by, bind }) => {
  const send = (method: string, at = '', options: RequestOptions = {}) =>
    app.request(method, `${path}${at}`, { as: writer(organization), ...options });
  const settings = async () => ((await send('GET')).body as { settings: Record<string, unknown> }).settings;
  const store = async (body: object) => {
    const { status, text } = await send('POST', '', { body: { settings: body } });
    expect(status, text).toBe(200);
  };

  /** The ways to give `/a/b` and `/c` other values, each with what its messages say. */
  const changes = (b: unknown) => [
    { verb: 'update', sent: () => send('POST', '', { body: { settings: { a: { b }, c: 2 } } }) },
    { verb: 'partially update', sent: () => send('PUT', '', { body: { a: { b }, c: 2 } }) },
    { verb: 'patch', sent: () => send('PATCH', '', { body: { a: { b }, c: 2 }, headers: MERGE_PATCH }) },
    {
      verb: 'patch',
      sent: () => {
        const body = [
          { op: 'add', path: '/c', value: 2 },
          { op: 'add', path: '/a/b', value: b },
        ];
        return send('PATCH', '', { body, headers: JSON_PATCH });
      },
    },
    { verb: 'restore', sent: () => send('POST', '/versions/1/restore') },
  ];

  it('refuses to change what is locked, however it is asked', async () => {
    await store({ a: { b: 7 }, c: 2 });
    await store({ a: { b: 1 }, c: 1 });
    await bind({ locks: { '/a/b': { reason: 'SOC 2 – ü' }, '/x': {} } });
    const before = await settings();
    for (const { sent } of changes(7)) {
      const answer = await sent();
      expect([answer.status, answer.headers['x-error-code']]).toStrictEqual([403, 'SETTING_LOCKED']);
      expect(answer.body).toStrictEqual({
        success: false,
        message: 'Insufficient permissions: the setting is locked',
        error: `locked by the ${by}: /a/b (SOC 2 – ü)`,
      });
      expect(violationsOf(answer)).toStrictEqual([{ pointer: '/a/b', rule: 'lock', message: 'SOC 2 – ü', by }]);
    }
    expect((await send('PUT', '', { body: { x: {}, a: { b: 2 } } })).body).toMatchObject({
      error: `locked by the ${by}: /x, /a/b (SOC 2 – ü)`,
    });
    expect((await send('PUT', '?dryRun=true', { body: { a: 'instead' } })).status).toBe(403);
    expect(await settings()).toStrictEqual(before);
    // The same value again, and nothing in its place, are no other value.
    expect((await send('PUT', '', { body: { a: { b: 1 }, c: 3 } })).status).toBe(200);
    expect((await send('DELETE', '', { body: { keys: ['a.b'] } })).status).toBe(200);
    expect(await settings()).toStrictEqual({ a: {}, c: 3 });
  });

  it('is changed by one statement where a policy locks something else, and has no schema', async () => {
    await store({ a: { b: 1, c: 1 } });
    await bind({ locks: { '/a/b': {}, '/x': {} } });
    const statementsOf = async (body: object) => {
      const before = app.recording.statements.length;
      const { status, text } = await send('PUT', '', { body });
      expect(status, text).toBe(200);
      return app.recording.statements.slice(before).filter(({ text: sql }) => /_settings_change_\d\(/.test(sql)).length;
    };
    expect(await statementsOf({ a: { c: 2 }, y: 1 })).toBe(1);
    expect((await send('PUT', '', { body: { a: { b: 2 }, y: 2 } })).status).toBe(403);
    expect((await send('PUT', '', { body: { a: 2 } })).status).toBe(403);
    expect((await send('PUT', '', { body: { x: { y: 1 } } })).status).toBe(403);
    await bind({ locks: { '/x': {} }, schema: { user: {} } });
    expect(await statementsOf({ y: 3 })).toBe(2);
    expect(await settings()).toStrictEqual({ a: { b: 1, c: 2 }, y: 3 });
  });

  it('refuses a result that breaks a rule, however it is asked', async () => {
    await store({ a: { b: 'seven' }, c: 2 });
    await store({ a: { b: 1 }, c: 1 });
    const number = { type: 'object', properties: { a: { properties: { b: { type: 'number' } } } } };
    await bind({ schema: { [scope]: number } });
    const before = await settings();
    for (const { verb, sent } of changes('seven')) {
      const answer = await sent();
      expect([answer.status, answer.headers['x-error-code']]).toStrictEqual([400, 'POLICY_VIOLATION']);
      expect(answer.body).toStrictEqual({
        success: false,
        message: `Failed to ${verb} ${noun}`,
        error: '/a/b must be number',
      });
      expect(violationsOf(answer)).toMatchObject([{ pointer: '/a/b', rule: 'type', by }]);
    }
    expect((await send('PUT', '?dryRun=true', { body: { a: { b: 'x' } } })).status).toBe(400);
    const needed = { ...number, required: ['c', 'd'] };
    await bind({ schema: { [scope]: needed } });
    const answer = await send('DELETE', '', { body: { keys: ['c'] } });
    expect(answer.body).toStrictEqual({
      success: false,
      message: `Failed to delete ${noun} keys`,
      error: "the document must have required property 'c'",
    });
    expect(await settings()).toStrictEqual(before);
    expect((await send('PUT', '', { body: { a: { b: 2 } } })).body).toStrictEqual({
      success: true,
      message: `${title} partially updated successfully`,
    });
  });

  it('lets a document that was wrong before be mended step by step', async () => {
    await store({ a: 'x', b: 'y', c: 1 });
    const number = { type: 'number' };
    await bind({ schema: { [scope]: { properties: { a: number, b: number, c: number } } } });
    expect((await send('PUT', '', { body: { c: 2 } })).status).toBe(200);
    expect((await send('PUT', '', { body: { a: 1 } })).status).toBe(200);
    expect((await send('PUT', '', { body: { a: 'x', b: 1, c: 'z' } })).body).toMatchObject({
      error: '/a must be number (and 1 more)',
    });
    expect((await send('PUT', '', { body: { b: 1 } })).status).toBe(200);
    expect(await settings()).toStrictEqual({ a: 1, b: 1, c: 2 });
  });

  it('warns, or says nothing, where the policy does not insist', async () => {
    const schema = { [scope]: { properties: { a: { type: 'number' }, b: { type: 'number' } } } };
    const warned = async () =>
      /settings_changes_judged_total\{outcome="warned"\} (\d+)/.exec((await app.request('GET', '/metrics')).text)![1];
    const before = Number(await warned());
    await bind({ schema, enforcement: 'warn' });
    const answer = await send('PUT', '', { body: { a: 'x', b: 'y' } });
    expect([answer.status, answer.headers['settings-warning']]).toStrictEqual([200, '2 violations']);
    expect((await send('PUT', '?dryRun=true', { body: { a: 'x', b: 1 } })).headers).not.toHaveProperty(
      'settings-warning',
    );
    expect(Number(await warned())).toBe(before + 1);
    await bind({ schema, enforcement: 'off' });
    const quiet = await send('PUT', '', { body: { a: [], b: [] } });
    expect(quiet.status).toBe(200);
    expect(quiet.headers).not.toHaveProperty('settings-warning');
    await bind({});
    expect((await send('PUT', '', { body: { c: 1 } })).status).toBe(200);
  });

  it('is changed by many at the same time, at two instances, and nothing is lost', async () => {
    await bind({ schema: { [scope]: { additionalProperties: { type: 'number' } } } });
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        (n % 4 === 0 ? other : app).request('PUT', path, {
          as: writer(organization),
          body: { [`n${n}`]: n % 8 === 7 ? 'wrong' : n },
        }),
      ),
    );
    const expected = Array.from({ length: 64 }, (_, n) => n).filter((n) => n % 8 !== 7);
    expect(answers.map(({ status }) => status)).toStrictEqual(
      Array.from({ length: 64 }, (_, n) => (n % 8 === 7 ? 400 : 200)),
    );
    expect(await settings()).toStrictEqual(Object.fromEntries(expected.map((n) => [`n${n}`, n])));
  });

  it('never stores together what a rule keeps apart', async () => {
    await bind({ schema: { [scope]: { not: { required: ['a', 'b'] } } } });
    for (let round = 0; round < 5; round++) {
      await store({});
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, n) =>
          (n % 3 === 0 ? other : app).request('PUT', path, {
            as: writer(organization),
            body: { [n % 2 === 0 ? 'a' : 'b']: n },
          }),
        ),
      );
      const [of] = Object.keys(await settings());
      answers.forEach(({ status }, n) => expect(status).toBe((n % 2 === 0 ? 'a' : 'b') === of ? 200 : 400));
      expect(Object.keys(await settings())).toHaveLength(1);
    }
  });

  it('obeys, of policies that come and go meanwhile, the one before or the one after', async () => {
    // A policy may be in force from when it was sent until the next one was acknowledged. A write that meets two may be
    // judged by either.
    const policies: { type: string | undefined; from: number; until: number }[] = [
      { type: undefined, from: 0, until: Infinity },
    ];
    let isOver = false;
    const changing = (async () => {
      for (let n = 0; !isOver; n++) {
        const type = ['number', 'string', undefined][n % 3];
        const from = Date.now();
        await bind(type === undefined ? {} : { schema: { [scope]: { additionalProperties: { type } } } });
        policies.at(-1)!.until = Date.now();
        policies.push({ type, from, until: Infinity });
        await sleep(20);
      }
    })();
    const statuses = new Set<number>();
    const begins: number[] = [];
    for (let round = 0; round < 10 || policies.length < 10; round++) {
      begins.push(Date.now());
      const writes = Array.from({ length: 16 }, (_, n) =>
        (n % 4 === 0 ? other : app).request('PUT', path, {
          as: writer(organization),
          body: { [`${round}-${n}`]: (n + round) % 2 === 0 ? round : `${round}` },
        }),
      );
      for (const { status } of await Promise.all(writes)) statuses.add(status);
    }
    isOver = true;
    await changing;
    expect([...statuses].sort()).toStrictEqual([200, 400]);

    const { body } = await send('GET', '/versions?limit=100');
    const { versions } = body as { versions: { version: number; at: string }[] };
    expect(versions.length).toBeGreaterThan(20);
    for (const { version, at } of versions) {
      const { patch } = (await send('GET', `/versions/${version}/diff`)).body as {
        patch: { path: string; value: unknown }[];
      };
      const begin = begins[Number(/^\/(\d+)-/.exec(patch[0]!.path)![1])]!;
      const stored = Date.parse(at);
      const inForce = policies.filter(({ from, until }) => from <= stored + 1 && begin <= until);
      const allows = (type: string | undefined) =>
        patch.every(({ value }) => type === undefined || typeof value === type);
      expect(
        inForce.some(({ type }) => allows(type)),
        `${version} at ${at}: ${JSON.stringify(patch)}`,
      ).toBe(true);
    }
  });
});
