import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anInvitedUser, anOrganization, aService, inviteAgain, type TestOrganization } from '../support/factories.js';
import { aSigningKey, TestIdentityProvider } from '../support/identity-provider.js';
import { anEmail, aSubject, refused, signInRequests, verified } from './sign-ins.js';

const LOG: { msg?: string; user_id?: string; route?: string }[] = [];

let provider: TestIdentityProvider;
let app: TestApp;
/** Another instance on the same database. */
let other: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  provider = await TestIdentityProvider.start([await aSigningKey('ES256')]);
  const variables = { ...provider.variables, JWT_LINK_BY_EMAIL: 'true', LOG_LEVEL: 'log' };
  const write = (line: string) => void LOG.push(JSON.parse(line) as object);
  app = await TestApp.start(variables, undefined, { write });
  other = await TestApp.start(variables, app.database);
  organization = await anOrganization(app.dataSource);
});
afterAll(async () => {
  await other.close();
  await app.close();
  await provider.down();
});

const { invite, tokenOf, get, statusOf, userOf, linksOf, historyOf } = signInRequests(() => ({
  app,
  provider,
  organization,
}));

describe('a subject that is the id of a user', () => {
  it('validates the user with the first request, and is remembered', async () => {
    const id = await invite(anEmail());
    expect(await userOf(id)).toMatchObject({ validated: false });
    const token = await tokenOf(id);
    expect(await statusOf(token)).toBe(200);
    expect(await userOf(id)).toStrictEqual({ validated: true, subject: null, version: '1' });
    expect(await historyOf(id)).toStrictEqual(['create', 'validate']);
    expect(await statusOf(token)).toBe(200);
    const before = app.recording.statements.length;
    expect(await statusOf(token)).toBe(200);
    const issued = app.recording.statements.slice(before).map(({ by }) => by);
    expect(issued).toStrictEqual(['SettingsRepository.read']);
  });

  it('is not that of a service account, which stays what it is', async () => {
    const service = await aService(app.dataSource, ['settings:read'], { id: randomUUID() });
    const token = await tokenOf(service, verified(anEmail()));
    const headers = { authorization: `Bearer ${token}`, 'x-organization-id': organization.id };
    expect((await app.request('GET', '/settings/organization', { headers })).status).toBe(200);
  });

  it('is refused once another subject was linked to the user, as an invalid token is', async () => {
    const email = anEmail();
    const id = await invite(email);
    expect(await statusOf(await tokenOf(aSubject(), verified(email)))).toBe(200);
    for (const at of [app, other]) {
      const answer = await get(await tokenOf(id, verified(email)), { at });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(
        'Bearer error="invalid_token", error_description="the token is not valid"',
      );
    }
  });
});

describe('a subject that is nobody, with a verified email', () => {
  it('is linked to the user who was invited, who keeps their id', async () => {
    const [email, subject] = [anEmail(), aSubject()];
    const id = await invite(email);
    const token = await tokenOf(subject, verified(email));
    const written = await app.request('PUT', '/settings/user', {
      headers: { authorization: `Bearer ${token}` },
      body: { mine: true },
    });
    expect(written.status).toBe(200);
    expect(await userOf(id)).toStrictEqual({ validated: true, subject, version: '1' });
    expect(await linksOf(id)).toStrictEqual([{ subject }]);
    expect(await historyOf(id)).toStrictEqual(['create', 'validate']);
    const [settings] = await app.dataSource.query<object[]>('select user_id from user_settings where user_id = $1', [
      id,
    ]);
    expect(settings).toStrictEqual({ user_id: id });
    await vi.waitUntil(() => LOG.some((line) => line.route === '/settings/user' && line.user_id === id));

    const events = await app.request('POST', '/systemevent', {
      headers: { authorization: `Bearer ${await tokenOf(organization.owner)}` },
      body: { contextId: id, context: 3 },
    });
    expect((events.body as { events: object[] }).events).toMatchObject([
      { event: 'updated', userId: id },
      { event: 'created', userId: organization.administrator },
    ]);
    // From now on the subject alone says who it is, on every instance.
    for (const at of [app, other]) expect(await statusOf(await tokenOf(subject), { at })).toBe(200);
  });

  it('is compared without regard to the case of ASCII letters, and to nothing else', async () => {
    const email = `k${anEmail()}`;
    const id = await invite(email);
    for (const other of [` ${email}`, `\ufeff${email}`, email.replace('k', '\u212a')]) {
      expect(await statusOf(await tokenOf(aSubject(), verified(other)))).toBe(404);
    }
    expect(await statusOf(await tokenOf(aSubject(), verified(email.toUpperCase())))).toBe(200);
    expect(await userOf(id)).toMatchObject({ validated: true });
  });

  it.each([
    ['unverified', { email_verified: false }],
    ['verified in words', { email_verified: 'true' }],
    ['verified by a number', { email_verified: 1 }],
    ['of which nothing says that it is verified', {}],
    ['a list', { email_verified: true, email: ['grace@example.com'] }],
  ])('stays nobody with an email that is %s', async (_, claims) => {
    const email = anEmail();
    const id = await invite(email);
    expect(await statusOf(await tokenOf(aSubject(), { email, ...claims }))).toBe(refused);
    expect(await userOf(id)).toMatchObject({ validated: false, subject: null });
  });

  it('stays nobody with an email of nobody', async () => {
    expect(await statusOf(await tokenOf(aSubject(), verified(anEmail())))).toBe(refused);
    expect(await statusOf(await tokenOf(aSubject(), verified(`${'x'.repeat(250)}@example.com`)))).toBe(refused);
  });

  it('is somebody as soon as they are invited', async () => {
    const email = anEmail();
    const token = await tokenOf(aSubject(), verified(email));
    expect(await statusOf(token)).toBe(refused);
    await invite(email);
    expect(await statusOf(token)).toBe(200);
  });

  it('is refused as a second claimant', async () => {
    const email = anEmail();
    const id = await invite(email);
    const [first, second] = [aSubject(), aSubject()];
    expect(await statusOf(await tokenOf(first, verified(email)))).toBe(200);
    expect(await statusOf(await tokenOf(second, verified(email)))).toBe(refused);
    expect(await linksOf(id)).toStrictEqual([{ subject: first }]);
  });

  it('is refused where the user came by their id before', async () => {
    const email = anEmail();
    const id = await invite(email);
    expect(await statusOf(await tokenOf(id))).toBe(200);
    expect(await statusOf(await tokenOf(aSubject(), verified(email)))).toBe(refused);
  });

  it('is refused where the user was deleted, before or after', async () => {
    const email = anEmail();
    const id = await invite(email);
    await app.admin('delete-user', '--user', id);
    const token = await tokenOf(aSubject(), verified(email));
    expect(await statusOf(token)).toBe(refused);
    await app.admin('restore-user', '--user', id);
    expect(await statusOf(token)).toBe(200);
    await app.admin('delete-user', '--user', id);
    expect(await statusOf(token)).toBe(refused);
  });

  it('is refused where the invitation no longer holds, until there is another', async () => {
    const email = anEmail();
    const id = await invite(email);
    await app.dataSource.query(`update invitations set invited_at = now() - interval '15 days' where user_id = $1`, [
      id,
    ]);
    const token = await tokenOf(aSubject(), verified(email));
    expect(await statusOf(token)).toBe(refused);
    await inviteAgain(app.dataSource, organization.id, organization.administrator, id);
    expect(await statusOf(token)).toBe(200);
  });

  it.each([
    ['deleted', (id: string) => app.admin('delete-user', '--user', id)],
    [
      'erased',
      (id: string) => app.admin('delete-user', '--user', id).then(() => app.admin('erase-user', '--user', id)),
    ],
    ['given a lower role', (id: string) => app.admin('set-role', '--user', id, '--role', 'BILLING')],
  ])('is refused where the inviter was %s', async (_, change) => {
    const { id: organizationId, administrator } = await anOrganization(app.dataSource);
    const email = anEmail();
    const id = await anInvitedUser(app.dataSource, organizationId, administrator, { email });
    await change(administrator);
    expect(await statusOf(await tokenOf(aSubject(), verified(email)))).toBe(refused);
    expect(await userOf(id)).toMatchObject({ validated: false });
  });

  it('is free for another user once the first one was erased', async () => {
    const [email, subject] = [anEmail(), aSubject()];
    const first = await invite(email);
    const token = await tokenOf(subject, verified(email));
    expect(await statusOf(token)).toBe(200);
    await app.admin('delete-user', '--user', first);
    await app.admin('erase-user', '--user', first);
    expect(await linksOf(first)).toStrictEqual([]);
    const second = await invite(email);
    expect(await statusOf(token, { at: other })).toBe(200);
    expect(await linksOf(second)).toStrictEqual([{ subject }]);
  });
});

describe('linking', () => {
  it('is off unless it is switched on', async () => {
    const without = await TestApp.start(provider.variables, app.database);
    try {
      const email = anEmail();
      const id = await invite(email);
      expect(await statusOf(await tokenOf(aSubject(), verified(email)), { at: without })).toBe(refused);
      expect(await userOf(id)).toMatchObject({ validated: false });
    } finally {
      await without.close();
    }
  });

  it('reads the claims that are configured, of tokens that the service signs itself, too', async () => {
    const claims = { JWT_EMAIL_CLAIM: 'https://example.com/email', JWT_EMAIL_VERIFIED_CLAIM: 'is_ours' };
    const own = await TestApp.start({ JWT_LINK_BY_EMAIL: 'true', ...claims }, app.database);
    try {
      const email = anEmail();
      const id = await invite(email);
      const statusWith = (claims: object) => statusOf(own.tokenFor(aSubject(), 60, claims), { at: own });
      expect(await statusWith(verified(email))).toBe(refused);
      expect(await statusWith({ 'https://example.com/email': email, is_ours: true })).toBe(200);
      expect(await userOf(id)).toMatchObject({ validated: true });
    } finally {
      await own.close();
    }
  });
});
