import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, type TestOrganization } from '../../test/support/factories.js';
import { judgedFetch } from '../../test/support/judged-replies.js';
import { FlashbackClient } from '../src/index.js';
import { rejectionOf } from './a-server.js';

/** System events through the client, on the real service. */

let app: TestApp;
let organization: TestOrganization;
let client: FlashbackClient;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
  client = new FlashbackClient({
    accessToken: app.tokenFor(organization.owner),
    baseUrl: app.url,
    fetch: judgedFetch,
  });
  await client.settings.organization.update({ settings: { a: 1 } }, { reason: 'For a start' });
  await client.settings.organization.update({ settings: { a: 2 } });
});
afterAll(() => app.close());

it('are found by what they are about', async () => {
  const { events, total } = await client.systemEvents.query({ context: 8, skip: 1, take: 1 });
  expect(total).toBe(2);
  expect(events).toMatchObject([{ context: 'orgsettings', contextId: organization.id, userId: organization.owner }]);
  expect(JSON.parse(events[0]?.jsonData ?? '')).toMatchObject({ version: 1, reason: 'For a start' });
});

it('are marked as read, and as unread again', async () => {
  const unread = async () => {
    const { events } = await client.systemEvents.query({ context: 8, showUnread: true, skip: 0, take: 100 });
    return events.map(({ id }) => id);
  };
  const ids = await unread();
  expect(ids).toHaveLength(2);
  expect(await client.systemEvents.markRead(ids)).toStrictEqual({ success: true });
  expect(await unread()).toStrictEqual([]);
  await client.systemEvents.markUnread(ids.slice(1));
  expect(await unread()).toStrictEqual(ids.slice(1));
});

it('that do not exist are not marked', async () => {
  expect(await rejectionOf(client.systemEvents.markRead([5]))).toMatchObject({
    code: 'not_found',
    message: 'Event not found',
  });
});
