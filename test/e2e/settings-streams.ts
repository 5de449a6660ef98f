import { afterEach } from 'vitest';
import type { TestApp } from '../support/app.js';
import { EventStream } from '../support/event-stream.js';
import type { TestOrganization } from '../support/factories.js';

/** Streams of the tests of a file, closed after each test. The application and the organization may come later. */
export function streamRequests(now: () => { app: TestApp; organization: TestOrganization }) {
  const streams: EventStream[] = [];
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
  });

  async function open(
    as: string,
    headers: Record<string, string> = {},
    of = now().app,
    seconds = 60,
  ): Promise<EventStream> {
    const stream = await EventStream.open(of.url, of.tokenFor(as, seconds), headers);
    streams.push(stream);
    return stream;
  }

  const put = (body: object, { owner } = now().organization) =>
    now().app.request('PUT', '/settings/organization', { as: owner, body });

  const refused = (as: string, headers: Record<string, string> = {}) =>
    now().app.request('GET', '/settings/stream', { as, headers });

  return { streams, open, put, refused };
}
