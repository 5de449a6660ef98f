import type { RequestOptions, TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';

interface Version {
  version: number;
  at: string;
  operation: string;
  actor: { id: string | null; email: string | null };
  paths: string[];
  requestId: string | null;
  reason: string | null;
}
type Profile = Record<string, unknown>;

/** What tests ask of the profile of an organization. The application and the organization may come later. */
export function profileRequests(now: () => { app: TestApp; organization: TestOrganization }) {
  const send = (method: string, at = '', options: RequestOptions = {}) => {
    const { app, organization } = now();
    return app.request(method, `/organization/${organization.id}${at}`, { as: organization.owner, ...options });
  };
  const put = (body: unknown, headers: Record<string, string> = {}) => send('PUT', '', { body, headers });
  const restore = (version: number | string, options: RequestOptions = {}) =>
    send('POST', `/versions/${version}/restore`, options);
  const versions = async (query = '') =>
    ((await send('GET', `/versions${query}`)).body as { data: { versions: Version[]; next: number | null } }).data;
  const profileAt = async (version: number) =>
    ((await send('GET', `/versions/${version}`)).body as { data: { profile: Profile } }).data.profile;
  const profile = async () => ((await send('GET')).body as { data: Profile }).data;

  return { send, put, restore, versions, profileAt, profile };
}

export const refusal = (message: string) => ({ success: false, data: null, message });
