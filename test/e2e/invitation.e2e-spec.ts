import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { anInvitedUser, aService, inviteAgain } from '../support/factories.js';
import { runAdmin } from '../support/process.js';
import { eventually, invitationStage } from './invitations.js';

const stage = invitationStage();
const { ended, invite, metric, passTime, postpone, restart, rowOf } = stage;

describe('an invitation', () => {
  it('is posted to the address as it is configured, with what the receiver needs to write to the user', async () => {
    const email = `grace.${stage.organization.id}@example.com`;
    const id = await invite({ email });
    await eventually(() => stage.receiver.received.length === 1);
    const [{ method, url, headers, invitation }] = stage.receiver.received as [
      (typeof stage.receiver.received)[number],
    ];
    expect({ method, url }).toStrictEqual({ method: 'POST', url: '/invitations?tenant=1' });
    const [inviter] = await stage.dataSource.query<[{ email: string }]>('select email from users where id = $1', [
      stage.organization.administrator,
    ]);
    expect(invitation).toStrictEqual({
      type: 'user.invited',
      id: (await rowOf(id))!.id,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/) as string,
      user: { id, email, name: 'Grace', lastName: 'Hopper' },
      organization: { id: stage.organization.id, name: 'Acme Corporation' },
      invitedBy: { id: stage.organization.administrator, email: inviter.email },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': invitation.id });
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isWaiting: false, isFailed: false, lastError: null });
  });

  it('names a service account by its id, and no operator', async () => {
    const service = await aService(stage.dataSource, ['members:write']);
    await anInvitedUser(stage.dataSource, stage.organization.id, service, { inviterType: 'service' });
    await eventually(() => stage.receiver.received.length === 1);
    await anInvitedUser(stage.dataSource, stage.organization.id, 'Olga', { inviterType: 'operator' });
    await eventually(() => stage.receiver.received.length === 2);
    expect(stage.receiver.received.map(({ invitation }) => invitation.invitedBy)).toStrictEqual([
      { id: service, email: null },
      { id: null, email: null },
    ]);
  });

  it('is an event that says so, when the user is made and when they are invited again', async () => {
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.isDelivered);
    await inviteAgain(stage.dataSource, stage.organization.id, stage.organization.administrator, id);
    await eventually(() => stage.receiver.received.length === 2);
    const { body } = await stage.app.request('POST', '/systemevent', {
      as: stage.organization.owner,
      body: { contextId: id },
    });
    const { events } = body as { events: { context: string; event: string; jsonData: string }[] };
    expect(
      events.map(({ context, event, jsonData }) => ({
        context,
        event,
        invited: (JSON.parse(jsonData) as { invited?: boolean }).invited,
      })),
    ).toStrictEqual([
      { context: 'user', event: 'updated', invited: true },
      { context: 'user', event: 'created', invited: true },
    ]);
    expect(stage.receiver.userIds).toStrictEqual([id, id]);
  });
});

describe('nothing is delivered', () => {
  const whileAway = async (change: (id: string) => Promise<unknown>) => {
    await stage.receiver.down();
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    // No attempt is on its way while things change.
    await postpone();
    await change(id);
    await stage.receiver.up();
    await passTime(1);
    return id;
  };

  it.each([
    ['validated', (id: string) => stage.app.request('GET', '/settings/user', { as: id })],
    ['deleted', (id: string) => stage.app.admin('delete-user', '--user', id)],
  ])('to a user who was %s meanwhile', async (_, change) => {
    const id = await whileAway(change);
    await eventually(async () => !(await rowOf(id))!.isWaiting);
    expect(await rowOf(id)).toMatchObject({ isDelivered: false, isFailed: false });
    expect(await ended('dropped')).toBe(1);
    expect(stage.receiver.received).toStrictEqual([]);
    expect(await stage.app.admin('list-invitations')).toStrictEqual([]);
  });

  it('to a user who was erased meanwhile', async () => {
    const id = await whileAway(async (user) => {
      await stage.app.admin('delete-user', '--user', user);
      await stage.app.admin('erase-user', '--user', user);
    });
    expect(await rowOf(id)).toBeUndefined();
    const next = await invite();
    await eventually(async () => (await rowOf(next))!.isDelivered);
    expect(stage.receiver.userIds).toStrictEqual([next]);
  });

  it('twice to a user who was invited again meanwhile', async () => {
    const id = await whileAway((user) =>
      inviteAgain(stage.dataSource, stage.organization.id, stage.organization.administrator, user),
    );
    await eventually(async () => (await rowOf(id))!.isDelivered);
    await eventually(async () => (await ended('dropped')) === 1);
    expect(stage.receiver.userIds).toStrictEqual([id]);
  });

  it('without an address, which the start says in one line', async () => {
    const lines: { msg: string }[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as { msg: string });
    await restart({ LOG_LEVEL: 'log' }, { write });
    await eventually(() => lines.some(({ msg }) => msg === 'No invitations leave: INVITATION_URL is not set'));
    const id = await invite();
    await new Promise((wake) => setTimeout(wake, 3_000));
    expect(await rowOf(id)).toMatchObject({ attempts: 0 });
    expect(await metric('invitations_waiting')).toBeUndefined();
    const { stdout } = await runAdmin(tmpdir(), ['list-invitations'], stage.database.variables);
    expect(JSON.parse(stdout)).toStrictEqual([]);
  });
});

describe('old invitations', () => {
  it('are deleted, but none that still holds', async () => {
    await restart({ INVITATION_TTL_DAYS: '60' }, { preload: ['background-work.js'] });
    const [old, holding] = [await invite(), await invite({ role: Role.BILLING })];
    const age = (id: string, days: number) =>
      stage.dataSource.query(
        'update invitations set invited_at = now() - make_interval(days => $2) where user_id = $1',
        [id, days],
      );
    await age(old, 61);
    await age(holding, 59);
    expect(await stage.app.process.ask('prune-invitations')).toBe(1);
    expect(await rowOf(old)).toBeUndefined();
    expect(await rowOf(holding)).toBeDefined();
  });
});
