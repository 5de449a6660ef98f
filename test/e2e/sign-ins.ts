import { randomUUID } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { anInvitedUser, type TestOrganization } from '../support/factories.js';
import type { TestIdentityProvider } from '../support/identity-provider.js';

export const anEmail = () => `grace.${randomUUID()}@example.com`;
export const aSubject = () => `provider|${randomUUID()}`;
export const verified = (email: string) => ({ email, email_verified: true });

export const refused = 404;

/** What tests do with people who sign in. The application, its provider and the organization may come later. */
export function signInRequests(
  now: () => { app: TestApp; provider: TestIdentityProvider; organization: TestOrganization },
) {
  const invite = (email: string, inviterId = now().organization.administrator) =>
    anInvitedUser(now().app.dataSource, now().organization.id, inviterId, { email });

  /** A token that the provider issues to whom it calls by this subject. */
  const tokenOf = (subject: string, claims: Record<string, unknown> = {}) => {
    now().provider.claims.set(subject, claims);
    return now().provider.tokenOf(subject, 'ES256');
  };

  const get = (token: string, { at = now().app, path = '/settings/organization' } = {}) =>
    at.request('GET', path, { headers: { authorization: `Bearer ${token}` } });
  const statusOf = async (token: string, options?: { at?: TestApp; path?: string }) =>
    (await get(token, options)).status;

  const userOf = async (id: string) => {
    const [user] = await now().app.dataSource.query<{ validated: boolean; subject: string | null; version: string }[]>(
      'select validated, subject, version from users where id = $1',
      [id],
    );
    return user;
  };
  const linksOf = (id: string) =>
    now().app.dataSource.query<{ subject: string }[]>('select subject from user_subjects where user_id = $1', [id]);

  /** The operations in the history of a user, the oldest first. */
  const historyOf = async (id: string) =>
    (
      await now().app.dataSource.query<{ operation: string }[]>(
        'select operation from user_changes where user_id = $1 and context = 3 order by version',
        [id],
      )
    ).map(({ operation }) => operation);

  return { invite, tokenOf, get, statusOf, userOf, linksOf, historyOf };
}
