import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Member } from '../../src/organization/member.entity.js';
import { Organization } from '../../src/organization/organization.entity.js';
import { User } from '../../src/user/user.entity.js';
import { TestApp } from '../support/app.js';
import { EventStream } from '../support/event-stream.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { Role } from '../../src/auth/role.js';
import { streamRequests } from './settings-streams.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const { open, put } = streamRequests(() => ({ app, organization }));

describe('a stream ends for good', () => {
  const expectEnd = async (stream: EventStream, reason: string, patienceMs?: number) => {
    const end = await stream.until('end', 1, patienceMs);
    expect(end.data).toStrictEqual({ reason });
    await stream.untilClosed();
    expect(stream.events.at(-1)).toBe(end);
  };

  it('when the token expires', async () => {
    const stream = await open(organization.user, {}, app, 2);
    await expectEnd(stream, 'token-expired');
  });

  it('when the token expired a moment before, as far as clocks may be off', async () => {
    const stream = await open(organization.user, {}, app, -2);
    await expectEnd(stream, 'token-expired');
    const another = await open(organization.user);
    await another.until('ready');
  });

  it('when the membership has ended, and the change is not told', async () => {
    const stream = await open(organization.user);
    await stream.until('ready');
    const gone = { organizationId: organization.id, userId: organization.user };
    await app.dataSource.getRepository(Member).update(gone, { deletedAt: new Date() });
    await put({ a: 1 });
    await expectEnd(stream, 'forbidden');
    expect(stream.of('change')).toHaveLength(0);
  });

  it('when the user is in another organization now', async () => {
    const moving = await aMember(app.dataSource, organization.id, Role.USER);
    const stream = await open(moving);
    await stream.until('ready');
    const other = await anOrganization(app.dataSource);
    const { dataSource } = app;
    await dataSource
      .getRepository(Member)
      .update({ organizationId: organization.id, userId: moving }, { deletedAt: new Date() });
    await dataSource.getRepository(User).update({ id: moving }, { organizationId: other.id });
    await dataSource.getRepository(Member).insert({ organizationId: other.id, userId: moving, role: Role.USER });
    await put({ a: 1 });
    await expectEnd(stream, 'moved');
  });

  it.each([
    ['has lost the scope', (id: string) => app.admin('set-scopes', '--service', id, '--scopes', 'settings:write')],
    ['was deleted', (id: string) => app.admin('delete-service', '--service', id)],
  ])('when the service account %s', async (_, change) => {
    const service = await aService(app.dataSource, ['settings:read']);
    const stream = await open(service, { 'x-organization-id': organization.id });
    await stream.until('ready');
    await change(service);
    await put({ a: 1 });
    await expectEnd(stream, 'forbidden');
  });

  it('within 30 s where nothing happens', { timeout: 50_000 }, async () => {
    const [deleted, service] = [await aUser(app.dataSource), await aService(app.dataSource, ['settings:read'])];
    const [user, ofService] = [
      await open(deleted, {}, app, 120),
      await open(service, { 'x-organization-id': organization.id }, app, 120),
    ];
    await Promise.all([user.until('ready'), ofService.until('ready')]);
    await app.dataSource.getRepository(User).update({ id: deleted }, { deletedAt: new Date() });
    await app.dataSource.getRepository(Organization).update({ id: organization.id }, { deletedAt: new Date() });
    await Promise.all([expectEnd(user, 'forbidden', 35_000), expectEnd(ofService, 'forbidden', 35_000)]);
  });
});

describe('when the instance stops', () => {
  it('streams end within 3 s, at different times, and come back at different times', async () => {
    const stopping = await TestApp.start({ WATCH_PER_CALLER: '100' }, app.database);
    const open: EventStream[] = [];
    for (let n = 0; n < 40; n++) {
      open.push(await EventStream.open(stopping.url, stopping.tokenFor(organization.user)));
    }
    await Promise.all(open.map((stream) => stream.until('ready')));
    const since = performance.now();
    const ended: number[] = [];
    const closed = stopping.close();
    await Promise.all(open.map((stream) => stream.untilClosed().then(() => ended.push(performance.now() - since))));
    await closed;
    expect(Math.max(...ended)).toBeLessThan(3_500);
    expect(Math.max(...ended) - Math.min(...ended)).toBeGreaterThan(1_000);
    const retries = open.map((stream) => Number(/^retry: (\d+)$/.exec(stream.blocks.at(-1) ?? '')?.[1]));
    for (const retry of retries) {
      expect(retry).toBeGreaterThanOrEqual(500);
      expect(retry).toBeLessThanOrEqual(4_000);
    }
    expect(new Set(retries).size).toBeGreaterThan(20);
    expect(open.flatMap((stream) => stream.of('end'))).toStrictEqual([]);
  });
});
