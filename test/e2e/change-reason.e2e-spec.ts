import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

/** As a header goes over the wire: one character for each byte. */
const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

const change = (reason: string) =>
  app.request('PUT', '/settings/organization', {
    as: organization.owner,
    body: { a: 1 },
    headers: { 'change-reason': reason },
  });
const changeProfile = (reason: string) =>
  app.request('PUT', `/organization/${organization.id}`, {
    as: organization.owner,
    body: { city: 'Zürich' },
    headers: { 'change-reason': reason },
  });
const reasons = async () => {
  const { body } = await app.request('POST', '/systemevent', { as: organization.owner, body: {} });
  return (body as { events: { jsonData: string }[] }).events.map(
    ({ jsonData }) => (JSON.parse(jsonData) as { reason: string | null }).reason,
  );
};

describe('a Change-Reason', () => {
  it.each([
    ['UTF-8', utf8('Zurück für 株式会社 🙂'), 'Zurück für 株式会社 🙂'],
    ['ISO 8859-1', 'Zur\xfcck \xff', 'Zurück ÿ'],
    ['RFC 8187', "UTF-8''Zur%C3%BCck%20%F0%9F%99%82", 'Zurück 🙂'],
    ['RFC 8187 with a language', "utf-8'de'Zur%C3%BCck", 'Zurück'],
    ['a percent sign', '100%', '100%'],
    ['U+FFFD itself', utf8('a\ufffdb'), 'a\ufffdb'],
    ['500 characters', `UTF-8''${encodeURIComponent('🙂'.repeat(500))}`, '🙂'.repeat(500)],
    ['blanks alone', '  ', null],
  ])('in %s is kept', async (_, header, reason) => {
    expect((await change(header)).status).toBe(200);
    expect((await changeProfile(header)).status).toBe(200);
    expect(await reasons()).toStrictEqual([reason, reason]);
  });

  const WRONG_ESCAPE = "Change-Reason must be percent-encoded UTF-8 after UTF-8'' (RFC 8187)";
  it.each([
    ['501 characters', `UTF-8''${'%C3%BC'.repeat(501)}`, 'Change-Reason must have at most 500 characters'],
    ['C0', "UTF-8''a%0Ab", 'Change-Reason must not contain control characters'],
    ['C1', 'a\x9bb', 'Change-Reason must not contain control characters'],
    ['U+202E', utf8('a\u202eb'), 'Change-Reason must not contain bidirectional control characters'],
    ['U+2066', "UTF-8''%E2%81%A6", 'Change-Reason must not contain bidirectional control characters'],
    ['a wrong escape', "UTF-8''100%", WRONG_ESCAPE],
    ['escapes that are not UTF-8', "UTF-8''%FC", WRONG_ESCAPE],
  ])('with %s is refused, and nothing is changed', async (_, header, problem) => {
    const refused = await change(header);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ error: problem });
    const refusedProfile = await changeProfile(header);
    expect(refusedProfile.status).toBe(400);
    expect(refusedProfile.body).toStrictEqual({ success: false, data: null, message: problem });
    expect(await reasons()).toStrictEqual([]);
  });
});

describe('the page', () => {
  /** What Swagger UI does with a request before it sends it, taken from the page as it is served. */
  async function interceptor() {
    const { text } = await app.request('GET', '/docs/page.js');
    const given: { requestInterceptor?: (request: object) => { headers: Record<string, string> } } = {};
    const SwaggerUIBundle = (options: object) => Object.assign(given, options);
    const document = { currentScript: { src: `${app.url}/docs/page.js` } };
    runInContext(text, createContext({ document, SwaggerUIBundle, URL }));
    return (reason: string) => given.requestInterceptor!({ headers: { 'Change-Reason': reason } }).headers;
  }

  it.each(['Zurück', 'für 株式会社 🙂', "UTF-8''100%", '100%', 'plain', "it's (nearly) * done"])(
    'sends any reason: %s',
    async (reason) => {
      const { 'Change-Reason': header } = (await interceptor())(reason);
      expect(header).toMatch(/^[ -~]+$/);
      expect((await change(header!)).status).toBe(200);
      expect(await reasons()).toStrictEqual([reason]);
    },
  );

  it('leaves other requests alone', async () => {
    const intercept = await interceptor();
    expect(intercept(undefined as unknown as string)).toStrictEqual({ 'Change-Reason': undefined });
  });
});
