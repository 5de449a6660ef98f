import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { anEmail, dataOf, memberRequests } from './members.js';

let app: TestApp;
let organization: TestOrganization;
let foreign: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  [organization, foreign] = await Promise.all([anOrganization(app.dataSource), anOrganization(app.dataSource)]);
});

const { activate, create, get, list, remove, resend } = memberRequests(() => app);

describe('a new member', () => {
  it('is made as the documentation says, and can be read back', async () => {
    const email = anEmail();
    const body = { email: `  ${email.toUpperCase()} `, firstName: ' Grace ', lastName: 'Hopper', orgRole: 1 };
    const answer = await create(organization.administrator, { ...body, password: 'a secret', provider: 'GOOGLE' });
    expect(answer.status).toBe(201);
    const { id } = dataOf(answer);
    const user = {
      id,
      email,
      name: 'Grace',
      lastName: 'Hopper',
      orgId: organization.id,
      orgRole: 1,
      validated: false,
      deletedAt: null,
      orgRoleDescription: 'BILLING',
      orgRoles: [0, 1],
    };
    expect(answer.text).toBe(
      JSON.stringify({
        success: true,
        data: user,
        message: 'User created successfully. Verification email sent.',
      }),
    );
    const found = await get(organization.workspaces, String(id));
    expect(found.text).toBe(JSON.stringify(user));
    expect(found.headers.etag).toBe(answer.headers.etag);
    expect(answer.text).not.toContain('secret');
  });

  it('is a USER who is invited, unless the body says otherwise', async () => {
    const invited = await create(organization.owner, { orgRole: null, sendInvite: null });
    expect(dataOf(invited)).toMatchObject({ orgRole: 0, orgRoles: [0] });
    expect(invited.body).toHaveProperty('message', 'User created successfully. Verification email sent.');
    const answer = await create(organization.owner, { sendInvite: false });
    expect(answer.body).toHaveProperty('message', 'User created successfully.');
    const rows = await app.dataSource.query<{ user_id: string }[]>(
      'select user_id, inviter_id from invitations where organization_id = $1',
      [organization.id],
    );
    expect(rows).toStrictEqual([{ user_id: dataOf(invited)['id'], inviter_id: organization.owner }]);
  });

  it.each([
    ['email', { email: 'nobody' }, 'email must be an email address of at most 254 characters'],
    ['email', { email: '\u212aate@example.com' }, 'email must be an email address of at most 254 characters'],
    ['email', { email: 'ü@example.com' }, 'email must be an email address of at most 254 characters'],
    ['email', { email: undefined }, 'email must be an email address of at most 254 characters'],
    [
      'email',
      { email: `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(20)}.com` },
      'email must be an email address of at most 254 characters',
    ],
    ['firstName', { firstName: ' ' }, 'firstName must not be empty'],
    ['lastName', { lastName: 'a\nb' }, 'lastName must not contain control characters'],
    ['lastName', { lastName: 'x'.repeat(201) }, 'lastName must have at most 200 characters'],
    ['orgRole', { orgRole: '1' }, 'orgRole must be a whole number'],
    ['orgRole', { orgRole: 3 }, 'Invalid role combination'],
    ['sendInvite', { sendInvite: 'no' }, 'sendInvite must be true or false'],
  ])('is refused for a wrong %s: %j', async (_field, body, message) => {
    const answer = await create(organization.owner, body);
    expect([answer.status, answer.body]).toStrictEqual([400, { success: false, data: {}, message }]);
    expect((await list(organization.owner)).body).toHaveProperty('total', 5);
  });

  it('has an email that nobody else has, in any case, in any organization', async () => {
    const email = anEmail();
    expect((await create(organization.owner, { email })).status).toBe(201);
    const answer = await create(foreign.owner, { email: email.toUpperCase() });
    expect([answer.status, answer.body, answer.headers['x-error-code']]).toStrictEqual([
      409,
      { success: false, data: {}, message: 'User with this email already exists' },
      'EMAIL_TAKEN',
    ]);
    expect((await list(foreign.owner)).body).toHaveProperty('total', 5);
  });

  it('may have the email of somebody who was deleted before they came, who then cannot be activated', async () => {
    const email = anEmail();
    const first = String(dataOf(await create(organization.owner, { email }))['id']);
    await remove(organization.owner, first);
    expect((await create(foreign.owner, { email, sendInvite: false })).status).toBe(201);
    const answer = await activate(organization.owner, first);
    expect([answer.status, answer.body]).toStrictEqual([
      409,
      { success: false, message: 'User with this email already exists' },
    ]);
  });

  it('may have the email of somebody whose invitation is too old', async () => {
    const email = anEmail();
    const first = String(dataOf(await create(organization.owner, { email }))['id']);
    await app.dataSource.query(`update users set invited_at = now() - interval '15 days' where id = $1`, [first]);
    expect((await create(foreign.owner, { email })).status).toBe(201);
    await app.dataSource.query(`update users set invited_at = now() - interval '13 days' where email = $1`, [email]);
    expect((await create(organization.owner, { email })).status).toBe(409);
  });

  it('is refused for a while where a caller asked for too many emails of others', async () => {
    const email = anEmail();
    await create(organization.owner, { email });
    const statuses = new Set<number>();
    for (let i = 0; i < 50; i += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => create(foreign.owner, { email })));
      answers.forEach(({ status }) => statuses.add(status));
    }
    expect([...statuses]).toStrictEqual([409]);
    const answer = await create(foreign.owner);
    expect([answer.status, answer.body]).toStrictEqual([
      429,
      { success: false, data: {}, message: 'Too many requests' },
    ]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3000);
    expect((await create(foreign.administrator)).status).toBe(201);
  });
});

describe('an invitation', () => {
  it('comes to a mailbox once in ten minutes, whoever it was before', async () => {
    const email = anEmail();
    const id = String(dataOf(await create(organization.owner, { email }))['id']);
    await remove(organization.owner, id);
    for (const by of [organization.owner, foreign.owner]) {
      const answer = await create(by, { email });
      expect([answer.status, answer.body]).toStrictEqual([
        429,
        { success: false, data: {}, message: 'Too many requests' },
      ]);
    }
    await app.dataSource.query(`update users set invited_at = now() - interval '11 minutes' where id = $1`, [id]);
    expect((await create(foreign.owner, { email })).status).toBe(201);
  });

  it('is sent again to who has not come, at most once in ten minutes', async () => {
    const id = String(dataOf(await create(organization.owner))['id']);
    const early = await resend(organization.owner, id);
    expect([early.status, early.body]).toMatchObject([429, { success: false, message: 'Too many requests' }]);
    expect(Number(early.headers['retry-after'])).toBeLessThanOrEqual(600);
    await app.dataSource.query(`update users set invited_at = now() - interval '11 minutes' where id = $1`, [id]);
    expect((await resend(organization.owner, id)).body).toStrictEqual({
      success: true,
      message: 'Invitation sent successfully',
    });
    const validated = await resend(organization.owner, organization.user);
    expect([validated.status, validated.body]).toStrictEqual([
      400,
      { success: false, message: 'User is already validated' },
    ]);
  });

  it('is one of at most 1,000 a day', async () => {
    await app.dataSource.query(
      `insert into invitations (organization_id, id, user_id, inviter_type, invited_at)
       select $1, md5(n::text)::uuid, 'x', 'operator', now() - interval '23 hours' from generate_series(1, 1000) n`,
      [organization.id],
    );
    const answer = await create(organization.owner);
    expect([answer.status, answer.headers['retry-after']]).toStrictEqual([429, '3600']);
    expect((await list(organization.owner)).body).toHaveProperty('total', 5);
    expect((await create(organization.owner, { sendInvite: false })).status).toBe(201);
  });
});
