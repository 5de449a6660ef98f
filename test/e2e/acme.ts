import type { TestApp } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';

export const PROFILE = {
  name: 'Acme Corporation',
  domain: 'acme.com',
  address1: '123 Business Ave',
  address2: 'Suite 100',
  city: 'New York',
  zipcode: '10001',
  phone: '+1-555-0123',
  state: 'NY',
  country: 'US',
  website: 'https://acme.com',
};

/** What tests ask of the organization with that profile. The application and the organization may come later. */
export function acmeRequests(now: () => { app: TestApp; organization: TestOrganization }) {
  const get = (as: string, id = now().organization.id) => now().app.request('GET', `/organization/${id}`, { as });
  const put = (as: string, body?: unknown, id = now().organization.id) =>
    now().app.request('PUT', `/organization/${id}`, { as, body });
  const profile = () => ({
    ...PROFILE,
    id: now().organization.id,
    deletedAt: null,
    reposDisabled: false,
    is_business: true,
    mfaEnforced: false,
  });

  return { get, put, profile };
}
