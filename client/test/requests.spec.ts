import { afterEach, describe, expect, it } from 'vitest';
import { FlashbackClient } from '../src/index.js';
import { answer, AServer, rejectionOf } from './a-server.js';

let server: AServer;
afterEach(() => server.close());

const clientOf = (baseUrl = server.url) => new FlashbackClient({ accessToken: 'token', baseUrl, retries: 0 });

describe('a request', () => {
  it('says who asks, what it brings and what it takes', async () => {
    server = await AServer.start(answer(200));
    await clientOf(`${server.url}/behind/a/gateway/`).settings.user.delete({ keys: ['é'] });
    await clientOf().settings.user.get();
    const [write, read] = server.received;
    expect(write).toMatchObject({
      method: 'DELETE',
      url: '/behind/a/gateway/settings/user',
      body: '{"keys":["é"]}',
      headers: { authorization: 'Bearer token', accept: 'application/json', 'content-type': 'application/json' },
    });
    expect(read).toMatchObject({ method: 'GET', url: '/settings/user', body: '' });
    expect(read?.headers).not.toHaveProperty('content-type');
  });

  it('says how its change is to be made', async () => {
    server = await AServer.start(answer(200));
    const { user } = clientOf().settings;
    await user.patch({ a: null }, { ifVersion: 7, reason: 'Größer 🙂', dryRun: true });
    await user.patch([{ op: 'remove', path: '/a' }]);
    await user.versions.restore(3);
    const [merge, patch, restore] = server.received;
    expect(merge).toMatchObject({
      method: 'PATCH',
      url: '/settings/user?dryRun=true',
      body: '{"a":null}',
      headers: {
        'content-type': 'application/merge-patch+json',
        'if-match': '"7"',
        'change-reason': "UTF-8''Gr%C3%B6%C3%9Fer%20%F0%9F%99%82",
      },
    });
    expect(patch).toMatchObject({ url: '/settings/user', headers: { 'content-type': 'application/json-patch+json' } });
    for (const header of ['if-match', 'change-reason', 'x-request-id'])
      expect(patch?.headers).not.toHaveProperty(header);
    expect(restore).toMatchObject({ method: 'POST', url: '/settings/user/versions/3/restore', body: '' });
    expect(restore?.headers).not.toHaveProperty('content-type');
  });

  it.each(['one\ntwo', 'einß\r\nzwei'])('with a reason of two lines is not sent: %j', async (reason) => {
    server = await AServer.start(answer(200));
    const error = await rejectionOf(clientOf().settings.user.partialUpdate({}, { reason }));
    expect(error).toBeInstanceOf(TypeError);
    expect(server.received).toHaveLength(0);
  });

  it('with a body that is no JSON is not sent', async () => {
    server = await AServer.start(answer(200));
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(await rejectionOf(clientOf().settings.user.partialUpdate(circular))).toBeInstanceOf(TypeError);
    expect(server.received).toHaveLength(0);
  });

  it('goes through the fetch that is given', async () => {
    server = await AServer.start(answer(200));
    const seen: unknown[] = [];
    const client = new FlashbackClient({
      accessToken: 'token',
      baseUrl: server.url,
      fetch: (...request) => {
        seen.push(request[0]);
        return fetch(...request);
      },
    });
    await client.settings.user.get();
    expect(seen).toStrictEqual([`${server.url}/settings/user`]);
  });
});
