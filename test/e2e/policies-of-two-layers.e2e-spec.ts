import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { escapeStep } from '../../src/common/json/json-text.js';
import { PolicyJudge } from '../../src/layers/policy-judge.js';
import { PolicySandbox } from '../../src/layers/policy-sandbox.js';
import { TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { policyRequests, violationsOf } from './policy-requests.js';

let app: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  // What one caller may take of the database's time is not tested here, and a busy machine takes more of it.
  app = await TestApp.start({ DATABASE_TIME_PER_CALLER: '0', DATABASE_TIME_PER_OWNER: '0' });
  service = await aService(app.dataSource, ['system:read', 'system:write']);
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  await bySystem({});
});

const { bySystem, byOrganization } = policyRequests(() => ({ app, organization, service }));

describe('policies of two layers', () => {
  const put = (as: string, path: string, body: object) => app.request('PUT', path, { as, body });

  it('both bind a user, and each says whose it is', async () => {
    await bySystem({ locks: { '/a': {} }, schema: { user: { properties: { c: { type: 'number' } } } } });
    await byOrganization({ locks: { '/b': { reason: 'Brand' } }, schema: { user: { required: ['d'] } } });
    const locked = await put(organization.user, '/settings/user', { a: 1, b: 2 });
    expect(locked.body).toMatchObject({
      error: 'locked by the system: /a; locked by the organization: /b (Brand)',
    });
    const refused = await put(organization.user, '/settings/user', { c: 'x' });
    expect(violationsOf(refused).map(({ by }) => by)).toStrictEqual(['system']);
    expect((await put(organization.user, '/settings/user', { c: 1 })).status).toBe(200);
  });

  it('bind neither their own documents nor other organizations', async () => {
    const stranger = await anOrganization(app.dataSource);
    await byOrganization({ locks: { '/a': {} }, schema: { user: { additionalProperties: false } } });
    expect((await put(organization.owner, '/settings/organization', { a: 1 })).status).toBe(200);
    expect((await put(stranger.user, '/settings/user', { a: 1 })).status).toBe(200);
    expect((await put(organization.user, '/settings/user', { a: 1 })).status).toBe(403);
    await bySystem({ locks: { '/z': {} } });
    expect((await put(service, '/settings/system', { z: 1 })).status).toBe(200);
    expect((await put(stranger.owner, '/settings/organization', { z: 1 })).status).toBe(403);
  });

  it('name at most ten places, in a header that every client reads', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `n${n}`);
    await bySystem({ locks: Object.fromEntries(names.map((name) => [`/${name}`, { reason: 'ü'.repeat(200) }])) });
    const answer = await put(
      organization.owner,
      '/settings/organization',
      Object.fromEntries(names.map((name) => [name, 1])),
    );
    expect((answer.body as { error: string }).error).toMatch(/, and 2 more$/);
    const header = answer.headers['settings-violations'] as string;
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    expect(header.length).toBeLessThanOrEqual(4096);
    expect(violationsOf(answer).length).toBeGreaterThan(1);
  });

  it('lock whatever a change touches that is not judged', async () => {
    const judge = new PolicyJudge(new PolicySandbox(pathToFileURL(resolve('dist/service/policy-worker.js'))));
    const name = fc.constantFrom('', '/', '~', '0', 'a', 'a/b', '%');
    const documents = fc.letrec<{ value: unknown; object: object }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(0, 1, null, 'x', [1, 2]), tie('object')),
      object: fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    }));
    const pointer = fc.array(name, { minLength: 1, maxLength: 3 });
    const cases = fc.sample(
      fc.tuple(documents.object, documents.object, fc.uniqueArray(pointer, { minLength: 1 })),
      500,
    );
    let kept = 0;
    for (const [before, after, places] of cases) {
      const pointers = places.map((steps) => steps.map((step) => `/${escapeStep(step)}`).join(''));
      const [{ touches }] = await app.dataSource.query<[{ touches: boolean }]>(
        'select settings_touches(settings_diff($1, $2), $3) as touches',
        [before, after, pointers],
      );
      if (touches) continue;
      kept++;
      const { locks } = await judge.judge({
        layer: 'user',
        before: JSON.stringify(before),
        after: JSON.stringify(after),
        policies: [
          {
            by: 'system',
            ownerId: '',
            text: JSON.stringify({ locks: Object.fromEntries(pointers.map((one) => [one, {}])) }),
          },
        ],
        parties: { ownerId: '', callerId: '', since: performance.now() },
      });
      expect(locks, `${JSON.stringify([before, after])} ${pointers.join(' ')}`).toStrictEqual([]);
    }
    expect(kept).toBeGreaterThan(20);
  });

  it('are no reason to store anything unjudged for an instance of the last release', async () => {
    await bySystem({ locks: { '/a': {} } });
    const change = `select * from organization_settings_change_2(
      $1, 'member', $2, 'merge', '{"a":1}', null, 1000, 32, null, null, null, null, false, null, 1000, 1000)`;
    await expect(app.dataSource.query(change, [organization.id, organization.owner])).rejects.toThrow(
      'a policy binds the document',
    );
    await bySystem({});
    const [row] = await app.dataSource.query<[{ status: string }]>(change, [organization.id, organization.owner]);
    expect(row.status).toBe('changed');
  });
});
