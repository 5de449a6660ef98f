import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorEnvelopeOf } from '../support/error-envelopes.js';
import { openApiDocument } from '../support/openapi-document.js';
import { SERVICE_SCOPES } from '../../src/auth/service-scope.js';
import { TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, object> };
}

const { paths } = openApiDocument<{ paths: Record<string, Record<string, Operation>> }>();
const operations = Object.entries(paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, { parameters = [], requestBody }]) => ({
    name: `${verb.toUpperCase()} ${path}`,
    method: verb.toUpperCase(),
    path,
    known: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    mediaType: Object.keys(requestBody?.content ?? {})[0],
  })),
);

/** Probes, collectors and browsers call these, and add parameters of their own. */
const TAKES_ANY = ['/', '/health', '/health/live', '/metrics'];

let app: TestApp;
let organization: TestOrganization;
let other: TestOrganization;
let service: string;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
  other = await anOrganization(app.dataSource);
  service = await aService(app.dataSource, [...SERVICE_SCOPES]);
  await app.request('PUT', '/settings/organization', { as: organization.owner, body: { stays: true } });
});
afterAll(() => app.close());

const strict = operations.filter(({ path }) => !TAKES_ANY.includes(path));

type Sent = (typeof operations)[number];

/** For service accounts of all organizations alone. */
const isForServices = ({ path }: Sent) => /^\/(organizations$|settings\/(batch$|system\b))/.test(path);

const callerOf = (sent: Sent) => (isForServices(sent) ? service : organization.owner);

const send = (sent: Sent, query: string, as = callerOf(sent)) => {
  const ids: Record<string, string> = { orgId: organization.id, userId: organization.user, version: '1' };
  const address = sent.path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
  return app.request(sent.method, `${address}?${query}`, {
    as,
    ...(sent.mediaType !== undefined && {
      body: { settings: {}, policy: {}, keys: ['a'] },
      headers: { 'content-type': sent.mediaType },
    }),
  });
};

/** What the envelope of the route says was wrong. */
const problemOf = ({ body }: { body: unknown }, { method, path }: Sent) =>
  (body as { message: string; error: string })[errorEnvelopeOf(method, path).problem];

describe.each(strict)('$name', (operation) => {
  const { path, known } = operation;

  it('knows the query parameters that the document has, and no other', async () => {
    const answer = await send(operation, 'quite-unlikely=secret-value');
    expect(answer.status).toBe(400);
    const list = known.length === 0 ? 'none' : known.join(', ');
    expect(problemOf(answer, operation)).toBe(`unknown parameter quite-unlikely (known: ${list})`);
    expect(answer.body).toMatchObject({ success: false, ...errorEnvelopeOf(operation.method, path).rest });
    expect(answer.text).not.toContain('secret-value');
    for (const parameter of known) {
      const misspelt = parameter.toUpperCase();
      const hint = `unknown parameter ${misspelt} (did you mean ${parameter}?)`;
      expect(problemOf(await send(operation, `${misspelt}=1`), operation)).toBe(hint);
      const taken = problemOf(await send(operation, `${parameter}=`), operation);
      expect(taken).toContain(`${parameter} must `);
      const twice = problemOf(await send(operation, `${parameter}=true&${parameter}=true`), operation);
      expect(twice).toBe(`${parameter} must be given only once`);
    }
  });

  it('says so after 401, 404 and 403', async () => {
    expect((await app.request(operation.method, `${path}?x=1`)).status).toBe(401);
    const isAboutOrganization = /^\/(organization|mfa|user\/\{)/.test(path) || isForServices(operation);
    const refused = path.startsWith('/mfa/') ? 400 : isAboutOrganization ? 403 : 404;
    expect((await send(operation, 'x=1', 'nobody')).status).toBe(refused);
    if (path.startsWith('/organization/{orgId}')) {
      expect((await send(operation, 'x=1', other.owner)).status).toBe(403);
    } else if (/^\/(settings\/organization|organization|mfa)/.test(path) && operation.method !== 'GET') {
      expect((await send(operation, 'x=1', organization.user)).status).toBe(403);
    }
  });
});

describe('an unknown query parameter', () => {
  const put = (query: string) =>
    app.request('PUT', `/settings/organization?${query}`, { as: organization.owner, body: { stays: false } });

  it.each([
    ['dryrun=true', 'unknown parameter dryrun (did you mean dryRun?)'],
    ['dryRun=true&dryrun=true', 'unknown parameter dryrun (did you mean dryRun?)'],
    ['%64ryrun=true', 'unknown parameter dryrun (did you mean dryRun?)'],
    ['dry+run=true', 'unknown parameter "dry run" (did you mean dryRun?)'],
    ['dryRun%00=true', 'unknown parameter "dryRun\\u0000" (did you mean dryRun?)'],
    ['=true', 'unknown parameter "" (known: dryRun, impact)'],
    ['at=2026-11-21T12:00:00Z', 'unknown parameter at (known: dryRun, impact)'],
    ['__proto__=1', 'unknown parameter __proto__ (known: dryRun, impact)'],
    ['constructor', 'unknown parameter constructor (known: dryRun, impact)'],
    [`${'x'.repeat(5_000)}=1`, `unknown parameter ${'x'.repeat(50)}... (known: dryRun, impact)`],
  ])('changes nothing: ?%s', async (query, error) => {
    const answer = await put(query);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({
      success: false,
      message: 'Failed to partially update organization settings',
      error,
    });
    const { body } = await app.request('GET', '/settings/organization', { as: organization.owner });
    expect(body).toStrictEqual({ success: true, settings: { stays: true } });
  });

  it.each(['%64ryRun=true', '&&dryRun=true&', 'dryRun=%74rue'])(
    'is not what only looks like one: ?%s',
    async (query) => {
      const answer = await put(query);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ dryRun: true });
    },
  );

  it.each([...TAKES_ANY, '/docs', '/docs/swagger-ui.css', '/openapi.json', '/openapi.yaml'])(
    'is nothing to %s',
    async (path) => {
      expect((await app.request('GET', `${path}?utm_source=x&utm_source=y`)).status).toBe(200);
    },
  );

  it('leaves an unknown path unknown', async () => {
    for (const path of ['/nowhere?a=1', '/settings?a=1', '/docs/nowhere?a=1']) {
      expect((await app.request('GET', path, { as: organization.owner })).status).toBe(404);
    }
  });
});
