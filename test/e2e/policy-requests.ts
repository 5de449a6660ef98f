import { expect } from 'vitest';
import type { Answer, TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';

/** Sets the policies of both layers. The application, the organization and the service account may come later. */
export function policyRequests(now: () => { app: TestApp; organization: TestOrganization; service: string }) {
  const bySystem = (policy: object) => setPolicy('/settings/system/policy', now().service, policy);
  const byOrganization = (policy: object) =>
    setPolicy('/settings/organization/policy', now().organization.owner, policy);

  async function setPolicy(path: string, as: string, policy: object): Promise<void> {
    const { status, text } = await now().app.request('POST', path, { as, body: { policy } });
    expect(status, text).toBe(200);
  }

  return { bySystem, byOrganization };
}

export const violationsOf = ({ headers }: Answer) =>
  JSON.parse(headers['settings-violations'] as string) as { pointer: string; rule: string; by: string }[];
