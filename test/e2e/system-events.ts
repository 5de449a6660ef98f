import { expect } from 'vitest';
import type { TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';

interface Event {
  id: number;
  timestamp: string;
  contextId: string;
  context: string;
  event: string;
  orgId: string | null;
  userId: string | null;
  userName: string | null;
  userEmail: string | null;
  workspaceId: null;
  jsonData: string;
  showUnread: boolean;
}
export interface Found {
  events: Event[];
  total: number;
  skip: number;
  take: number;
}

/** What tests of events ask. The application and the organization may come later. */
export function eventRequests(now: () => { app: TestApp; organization: TestOrganization }) {
  const post = (as: string, body: unknown) => now().app.request('POST', '/systemevent', { as, body });
  const query = async (as: string, conditions: object = {}) => {
    const answer = await post(as, { skip: 0, take: 100, ...conditions });
    expect(answer.status).toBe(200);
    return answer.body as Found;
  };
  const put = (path: string, as: string, body: unknown, headers = {}) =>
    now().app.request('PUT', path, { as, body, headers });
  const putOrganizationSettings = (body: unknown, headers = {}) =>
    put('/settings/organization', now().organization.owner, body, headers);

  return { post, query, put, putOrganizationSettings };
}

export const detailsOf = ({ jsonData }: Event) => JSON.parse(jsonData) as { patch: { op: string; path: string }[] };
