import type { QuerySystemEventsRequest, QuerySystemEventsResponse, SystemEvent } from '@flashback/client/lossless';
import { describe, expect, it } from 'vitest';
import { findEvents } from './found-events.js';

const anEvent = (id: number) => ({ id, timestamp: new Date(id * 1_000).toISOString() }) as SystemEvent;

/** Answers as the service does, and has something happen after each answer. */
function aService(count: number): (request: QuerySystemEventsRequest) => Promise<QuerySystemEventsResponse> {
  const events = Array.from({ length: count }, (_, n) => anEvent(count - n));
  return ({ skip, take, to_timestamp: to }) => {
    const found = events.filter(({ timestamp }) => to === undefined || timestamp <= to);
    events.unshift(anEvent(events.length + 1));
    return Promise.resolve({ events: found.slice(skip, skip + take) } as QuerySystemEventsResponse);
  };
}

describe('events on several pages', () => {
  it('are each there once, whatever happens meanwhile', async () => {
    const { events, hasMore } = await findEvents(aService(250), {}, 1_000);
    expect(events.map(({ id }) => id)).toStrictEqual(Array.from({ length: 250 }, (_, n) => 250 - n));
    expect(hasMore).toBe(false);
  });

  it('are no more than were wanted, which is told', async () => {
    const { events, hasMore } = await findEvents(aService(250), {}, 200);
    expect(events).toHaveLength(200);
    expect(hasMore).toBe(true);
  });
});
