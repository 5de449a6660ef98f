import { expect } from 'vitest';
import type { RequestOptions, TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';

interface Reason {
  readonly from: string;
  readonly version: number;
  readonly at: string;
}

export const PATHS = {
  system: '/settings/system',
  systemPolicy: '/settings/system/policy',
  organization: '/settings/organization',
  organizationPolicy: '/settings/organization/policy',
  user: '/settings/user',
} as const;

/** Where statements are shared, and where not. */
export const PLACES: [string, { DATABASE_SHARED_STATEMENTS?: string }][] = [
  ['on one server', {}],
  ['where statements are not shared', { DATABASE_SHARED_STATEMENTS: 'false' }],
];

/** What tests of effective settings ask. What they ask it of may come later. */
export function effectiveRequests(now: () => { app: TestApp; organization: TestOrganization; operator: string }) {
  async function write(document: keyof typeof PATHS, content: object): Promise<void> {
    const of = document.endsWith('Policy') ? 'policy' : 'settings';
    const as = document.startsWith('system') ? now().operator : now().organization.owner;
    const answer = await now().app.request('POST', PATHS[document], { as, body: { [of]: content } });
    expect(answer.body).toMatchObject({ success: true });
  }
  const read = (query = '', { as = now().organization.owner, ...options }: Partial<RequestOptions> = {}) =>
    now().app.request('GET', `/settings/effective${query}`, { as, ...options });
  const effective = async (query = '', options: Partial<RequestOptions> = {}) =>
    ((await read(query, options)).body as { settings: object }).settings;
  const reasons = async (query = '', options: Partial<RequestOptions> = {}) =>
    ((await read(`?explain=true${query}`, options)).body as { reasons: Record<string, Reason> }).reasons;

  async function writeAll(): Promise<void> {
    await write('system', { theme: 'light', support: { email: 'help@example.com' } });
    await write('organization', { security: { requireMFA: true, timeout: 60 } });
    await write('user', { theme: 'dark', security: { requireMFA: false } });
    await write('organizationPolicy', { locks: { '/security/requireMFA': { reason: 'SOC 2' } } });
    await write('systemPolicy', { schema: { user: { properties: { density: { default: 'wide' } } } } });
  }

  return { write, read, effective, reasons, writeAll };
}
