import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { aSigningKey, TestIdentityProvider } from '../support/identity-provider.js';
import { anEmail, aSubject, refused, signInRequests, verified } from './sign-ins.js';

let provider: TestIdentityProvider;
let app: TestApp;
/** Another instance on the same database. */
let other: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  provider = await TestIdentityProvider.start([await aSigningKey('ES256')]);
  const variables = { ...provider.variables, JWT_LINK_BY_EMAIL: 'true' };
  app = await TestApp.start(variables);
  other = await TestApp.start(variables, app.database);
  organization = await anOrganization(app.dataSource);
});
afterAll(async () => {
  await other.close();
  await app.close();
  await provider.down();
});

const { invite, tokenOf, statusOf, linksOf, historyOf } = signInRequests(() => ({ app, provider, organization }));

describe('first requests at the same time', () => {
  it.each([
    ['one instance', () => [app]],
    ['two instances', () => [app, other]],
  ])('all succeed, and link once, on %s', async (_, instances) => {
    for (let round = 0; round < 5; round++) {
      const [email, subject] = [anEmail(), aSubject()];
      const id = await invite(email);
      const token = await tokenOf(subject, verified(email));
      const requests = Array.from({ length: 10 }, (_, n) =>
        statusOf(token, { at: instances()[n % instances().length]! }),
      );
      expect(new Set(await Promise.all(requests))).toStrictEqual(new Set([200]));
      expect(await historyOf(id)).toStrictEqual(['create', 'validate']);
      expect(await linksOf(id)).toStrictEqual([{ subject }]);
    }
  });

  it('of two claimants let one in', async () => {
    for (let round = 0; round < 5; round++) {
      const email = anEmail();
      const id = await invite(email);
      const tokens = await Promise.all([1, 2].map(() => tokenOf(aSubject(), verified(email))));
      const statuses = await Promise.all(tokens.map((token, n) => statusOf(token, { at: n === 0 ? app : other })));
      expect(statuses.toSorted()).toStrictEqual([200, refused]);
      expect(await linksOf(id)).toHaveLength(1);
    }
  });

  it('wait for the row each as long as their own time is', { timeout: 30_000 }, async () => {
    const [email, subject] = [anEmail(), aSubject()];
    const id = await invite(email);
    const token = await tokenOf(subject, verified(email));
    const holder = app.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select from users where id = $1 for update', [id]);
    const first = statusOf(token);
    await sleep(2_500);
    const second = statusOf(token);
    expect(await first).toBe(503);
    await holder.rollbackTransaction();
    await holder.release();
    expect(await second).toBe(200);
    expect(await linksOf(id)).toStrictEqual([{ subject }]);
  });

  it('validate once', async () => {
    const id = await invite(anEmail());
    const token = await tokenOf(id);
    const requests = Array.from({ length: 10 }, (_, n) => statusOf(token, { at: n % 2 === 0 ? app : other }));
    expect(new Set(await Promise.all(requests))).toStrictEqual(new Set([200]));
    expect(await historyOf(id)).toStrictEqual(['create', 'validate']);
  });
});
