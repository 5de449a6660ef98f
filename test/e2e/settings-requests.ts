import { expect } from 'vitest';
import type { RequestOptions, TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';
import type { SCOPES } from '../support/scopes.js';

interface Version {
  version: number;
  at: string;
  operation: string;
  actor: { id: string; email: string };
  paths: string[];
  requestId: string;
  reason: string | null;
}
export type Settings = Record<string, unknown>;

export const TYPES: Record<string, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};

/** What tests of one kind of settings ask, by its name. The application and the organization may come later. */
export function settingsRequests(
  { path, writer }: (typeof SCOPES)[number],
  now: () => { app: TestApp; organization: TestOrganization },
) {
  const send = (method: string, at = '', options: RequestOptions = {}) => {
    const { app, organization } = now();
    return app.request(method, `${path}${at}`, { as: writer(organization), ...options });
  };
  const patch = (type: 'merge' | 'json', body: unknown, headers = {}) =>
    send('PATCH', '', { body, headers: { 'content-type': TYPES[type]!, ...headers } });
  const settings = async () => ((await send('GET')).body as { settings: Settings }).settings;
  const versions = async (query = '') =>
    (await send('GET', `/versions${query}`)).body as { success: true; versions: Version[]; next: number | null };
  const version = async (n: number) => {
    const answer = await send('GET', `/versions/${n}`);
    expect(answer.status).toBe(200);
    return answer.body as { success: true; version: number; at: string; settings: Settings };
  };
  const fill = async (count: number) => {
    for (let n = 1; n <= count; n++) await send('PUT', '', { body: { n } });
  };

  return { send, patch, settings, versions, version, fill };
}
