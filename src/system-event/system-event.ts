/** What an event is about, by the index that a request names it with. Only some of them happen in this service. */
export const CONTEXTS = {
  0: 'workspace',
  1: 'bucket',
  2: 'repo',
  3: 'user',
  4: 'org',
  5: 'workspaceuser',
  6: 'apikey',
  7: 'usersettings',
  8: 'orgsettings',
  100: 'orgpolicy',
  104: 'impact',
} as const;
export type Context = keyof typeof CONTEXTS;
export type ContextName = (typeof CONTEXTS)[Context];

/** What happened, by the index that a request names it with. */
export const EVENTS = ['created', 'updated', 'deleted'] as const;
export type EventName = (typeof EVENTS)[number];

/** Which events to show; an absent condition, or null, is none. */
export interface EventFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly contextId?: string | null;
  readonly context?: number | null;
  readonly event?: number | null;
  readonly userId?: string | null;
  readonly workspaceId?: string | null;
  readonly onlyUnread: boolean;
  readonly skip: number;
  readonly take: number;
}

/** One thing that happened, as one user may see it. */
export interface SystemEvent {
  readonly id: number;
  readonly timestamp: Date;
  readonly contextId: string;
  readonly context: ContextName;
  readonly event: EventName;
  readonly orgId: string | null;
  readonly userId: string | null;
  readonly userName: string | null;
  readonly userEmail: string | null;
  readonly workspaceId: null;
  readonly jsonData: string | null;
  readonly showUnread: boolean;
}
