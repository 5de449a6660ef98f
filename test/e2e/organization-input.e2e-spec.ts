import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { acmeRequests, PROFILE } from './acme.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource, { ...PROFILE, isBusiness: true });
});

const { get, put, profile } = acmeRequests(() => ({ app, organization }));

describe('bad input', () => {
  it.each([
    ['no body', undefined],
    ['an empty object', {}],
    ['an array', [{ name: 'x' }]],
    ['a string', '"name"'],
    ['null', 'null'],
    ['only what cannot be changed', { domain: 'x.com', website: 'y', unknown: 1 }],
  ])('finds nothing to update in %s', async (_, body) => {
    const answer = await put(organization.owner, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, data: null, message: 'No valid fields to update' });
  });

  it.each([
    [{ name: null }, 'name must be a string'],
    [{ name: '' }, 'name must not be empty'],
    [{ name: '  ' }, 'name must not be empty'],
    [{ name: 5 }, 'name must be a string'],
    [{ name: 'x'.repeat(201) }, 'name must have at most 200 characters'],
    [{ city: 'a\u0000b' }, 'city must not contain control characters'],
    [{ city: 'a\nb' }, 'city must not contain control characters'],
    [{ address1: ['x'] }, 'address1 must be a string'],
    [{ address2: {} }, 'address2 must be a string'],
    [{ zipcode: 10001 }, 'zipcode must be a string'],
    [{ phone: true }, 'phone must be a string'],
    [{ state: 'x'.repeat(201) }, 'state must have at most 200 characters'],
    [{ is_business: 'true' }, 'is_business must be true or false'],
    [{ is_business: null }, 'is_business must be true or false'],
    [{ mfaEnforced: 1 }, 'mfaEnforced must be true or false'],
    [{ mfaEnforced: null }, 'mfaEnforced must be true or false'],
    ['{"country":"\\ud800"}', 'country must not contain a lone surrogate'],
    [{ mfaEnforced: 0, name: null }, 'name must be a string; mfaEnforced must be true or false'],
  ])('names what is wrong in %j and changes nothing', async (body, message) => {
    const rejected = typeof body === 'string' ? body : { phone: 'changed', ...body };
    const answer = await put(organization.owner, rejected);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, data: null, message });
    expect((await get(organization.owner)).body).toStrictEqual({ success: true, data: profile() });
  });

  it.each(['name', 'unknown'])('does not look into a value of %s, however deep it goes', async (field) => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const answer = await put(organization.owner, `{"${field}":${nested(20_000)}}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      message: field === 'name' ? 'name must be a string' : 'No valid fields to update',
    });
    expect((await put(organization.owner, nested(500_000))).status).toBe(400);
  });

  it('takes tens of thousands of unknown members in no time', async () => {
    const many = Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join(',');
    const start = performance.now();
    expect((await put(organization.owner, `{${many},"city":"X"}`)).body).toMatchObject({ data: { city: 'X' } });
    expect((await put(organization.owner, `{${many}}`)).status).toBe(400);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('counts characters, not code units', async () => {
    const name = '🏢'.repeat(200);
    expect((await put(organization.owner, { name })).body).toMatchObject({ data: { name } });
  });

  it.each(['{"name":', 'x', '{"name":"a"}}', Buffer.from('{"name":"\xff"}', 'latin1')])(
    'calls %s malformed',
    async (body) => {
      const answer = await put(organization.owner, body);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, data: null, message: 'Malformed JSON in request body' });
    },
  );

  it('refuses what is too large or no JSON in its own envelope', async () => {
    const large = await put(organization.owner, { name: 'x'.repeat(2_000_000) });
    expect(large.status).toBe(413);
    expect(large.body).toStrictEqual({ success: false, data: null, message: 'Payload too large' });
    const headers = { 'content-type': 'text/plain' };
    const text = await app.request('PUT', `/organization/${organization.id}`, {
      as: organization.owner,
      body: 'x',
      headers,
    });
    expect(text.status).toBe(415);
    expect(text.body).toStrictEqual({ success: false, data: null, message: 'Unsupported media type' });
  });
});
