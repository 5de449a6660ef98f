import type { FlashbackError } from '@flashback/client/lossless';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.stubGlobal('document', { querySelector: () => null });
vi.stubGlobal('location', { origin: 'http://127.0.0.1', pathname: '/console', hash: '' });
const session = await import('./session.js');

const ORG = 'acme';

interface Sent {
  readonly method: string;
  readonly token: string;
}

describe('a session', () => {
  let sent: Sent[];
  /** What becomes of a request that is no read of who is signed in. */
  let answer: (request: Sent) => Promise<Response>;

  beforeEach(() => {
    sent = [];
    vi.stubGlobal('fetch', (url: string, { method = 'GET', headers, signal }: RequestInit) => {
      const request = { method, token: new Headers(headers).get('authorization')!.replace('Bearer ', '') };
      if (url.endsWith('/user/profile')) {
        return Promise.resolve(Response.json({ success: true, data: { id: request.token, orgId: ORG } }));
      }
      // Until it is given up.
      if (url.endsWith('/settings/stream')) return new Promise((_, reject) => whenAborted(signal!, reject));
      sent.push(request);
      return Promise.race([answer(request), new Promise<Response>((_, reject) => whenAborted(signal!, reject))]);
    });
  });
  afterEach(() => session.signOut());

  const change = () => session.client.settings.organization.patch({ a: 1 }, { ifVersion: 1 });

  it('makes no request again with the token of another one', async () => {
    await session.signIn('ada');
    answer = () => Promise.resolve(Response.json({}, { status: 503 }));
    const failure = change().catch((error: unknown) => error as FlashbackError);
    await vi.waitFor(() => expect(sent).not.toHaveLength(0));
    await session.signIn('grace');
    expect(await failure).toMatchObject({ code: 'aborted' });
    expect(new Set(sent.map(({ token }) => token))).toStrictEqual(new Set(['ada']));
  });

  it('is not ended by what becomes of a request of the one before', async () => {
    let refuse: (reply: Response) => void = () => undefined;
    await session.signIn('ada');
    answer = () => new Promise((resolve) => (refuse = resolve));
    const failure = change().catch((error: unknown) => error);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    await session.signIn('grace');
    refuse(Response.json({ success: false, message: 'Unauthorized' }, { status: 401 }));
    await failure;
    expect(session.ending.value).toBeUndefined();
    answer = () => Promise.resolve(Response.json({ success: false, message: 'Unauthorized' }, { status: 401 }));
    await change().catch(() => undefined);
    expect(session.ending.value).toBe('over');
  });

  it('stays when another token is refused', async () => {
    await session.signIn('ada');
    const { client } = session;
    const known = vi.fn();
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ success: false, message: 'No' }, { status: 401 })));
    await session.signIn('nonsense').catch(known);
    expect(known).toHaveBeenCalledOnce();
    expect(session.client).toBe(client);
    expect(session.ending.value).toBeUndefined();
    expect(session.user.value?.id).toBe('ada');
  });

  it.each<[string, () => void | Promise<void>, string | undefined]>([
    ['signs out', () => session.signOut(), undefined],
    ['gives it up', () => session.giveUpSignIn(), 'ada'],
    ['signs in as somebody else', () => session.signIn('linus'), 'linus'],
  ])('does not begin after somebody %s', async (_, meanwhile, whoIsThere) => {
    await session.signIn('ada');
    const late = session.signIn('grace').catch((error: unknown) => error);
    await meanwhile();
    expect(await late).toMatchObject({ code: 'aborted' });
    expect(session.user.value?.id).toBe(whoIsThere);
  });

  it('changes nothing in the name of somebody else of the same organization', async () => {
    await session.signIn('ada');
    const membership = session.membershipOf(session.user.value);
    await session.signIn('grace');
    await expect(session.insistOnMembership(membership)).rejects.toThrow();
  });
});

function whenAborted(signal: AbortSignal, reject: (reason: unknown) => void): void {
  signal.addEventListener('abort', () => reject(signal.reason));
}
