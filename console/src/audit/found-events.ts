import type { QuerySystemEventsRequest, QuerySystemEventsResponse, SystemEvent } from '@flashback/client/lossless';

export interface FoundEvents {
  readonly events: readonly SystemEvent[];
  /** Whether there may be older ones. */
  readonly hasMore: boolean;
}

/** Events that are asked for at a time. */
export const PAGE = 100;

/**
 * Reads events, the newest first, until there are as many as wanted. All pages end where the first one does, so that
 * what happens meanwhile moves nothing from one page to the next.
 */
export async function findEvents(
  query: (request: QuerySystemEventsRequest) => Promise<QuerySystemEventsResponse>,
  conditions: Omit<QuerySystemEventsRequest, 'skip' | 'take'>,
  wanted: number,
): Promise<FoundEvents> {
  const events: SystemEvent[] = [];
  for (;;) {
    const end = events[0] && { to_timestamp: events[0].timestamp };
    const page = await query({ ...conditions, ...end, skip: events.length, take: PAGE });
    events.push(...page.events);
    if (page.events.length < PAGE) return { events, hasMore: false };
    if (events.length >= wanted) return { events, hasMore: true };
  }
}
