import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { openApiDocument } from '../support/openapi-document.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string }[];
  readonly requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> };
}

const { paths } = openApiDocument<{ paths: Record<string, Record<string, Operation>> }>();

/** Each example of a body; for an operation without one, the request alone. A stream does not end. */
const examples = Object.entries(paths)
  .filter(([path]) => path !== '/settings/stream')
  .flatMap(([path, verbs]) =>
    Object.entries(verbs).flatMap(([verb, { requestBody }]) =>
      Object.entries(requestBody?.content ?? { '': {} }).flatMap(([mediaType, { examples: bodies }]) =>
        Object.entries(bodies ?? { request: { value: undefined } }).map(([title, { value }]) => ({
          name: `${verb.toUpperCase()} ${path}: ${title}`,
          method: verb.toUpperCase(),
          path,
          mediaType,
          body: value,
        })),
      ),
    ),
  );

/** For service accounts of all organizations. */
const isForServices = (path: string) => /^\/(organizations$|settings\/(batch$|system\b))/.test(path);

let app: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource, { name: 'Acme Corporation' });
  service = await aService(app.dataSource, ['organization:read', 'settings:read', 'system:read', 'system:write']);
  for (const path of Object.keys(paths).filter((one) =>
    /^\/settings\/(organization|user|system)(\/policy)?$/.test(one),
  )) {
    const { example } = exampleOf(path);
    const as = isForServices(path) ? service : organization.owner;
    await app.request('POST', path, { as, body: example });
    // A policy has a version to show, and binds none of the examples.
    if (path.endsWith('/policy')) await app.request('DELETE', path, { as });
  }
});
afterAll(() => app.close());

function exampleOf(path: string): { example: unknown } {
  const { examples: bodies } = paths[path]!['post']!.requestBody!.content['application/json']!;
  return { example: Object.values(bodies!)[0]!.value };
}

describe('an example of a request', () => {
  it.each(examples)('$name succeeds as it stands', async ({ method, path, mediaType, body }) => {
    const ids: Record<string, string> = { orgId: organization.id, userId: await memberFor(path), version: '1' };
    const address = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
    const headers: Record<string, string> = mediaType === '' ? {} : { 'content-type': mediaType };
    const answer = await app.request(method, address, {
      as: isForServices(path) ? service : organization.owner,
      body: await filledIn(path, body),
      headers,
    });
    expect(answer.status, answer.text).toBe(method === 'POST' && path === '/organization/users' ? 201 : 200);
  });

  it('renames no organization, and leaves its MFA policy alone', async () => {
    const { body } = await app.request('GET', `/organization/${organization.id}`, { as: organization.owner });
    expect(body).toMatchObject({ data: { name: 'Acme Corporation', mfaEnforced: false } });
  });

  it('of events finds those that the others made', async () => {
    const found = examples.filter(({ path, method }) => path === '/systemevent' && method === 'POST');
    for (const { body } of found) {
      const { body: reply } = await app.request('POST', '/systemevent', { as: organization.owner, body });
      expect((reply as { total: number }).total).toBeGreaterThan(0);
    }
  });
});

/** A member to whom an operation can be applied. */
async function memberFor(path: string): Promise<string> {
  const id = await aMember(app.dataSource, organization.id, Role.USER);
  if (path.endsWith('/activate')) await app.dataSource.query('update users set deleted_at = now() where id = $1', [id]);
  if (path.endsWith('/resend-invitation'))
    await app.dataSource.query('update users set validated = false where id = $1', [id]);
  return id;
}

/** No document can know the id of an event that there is. */
async function filledIn(path: string, body: unknown): Promise<unknown> {
  if (path !== '/systemevent/read') return body;
  const { body: reply } = await app.request('POST', '/systemevent', { as: organization.owner, body: { take: 1 } });
  const { id } = (reply as { events: [{ id: number }] }).events[0];
  return JSON.parse(JSON.stringify(body).replace(/\d{9,}/g, String(id)));
}
