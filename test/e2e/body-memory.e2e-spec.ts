import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

const BODY_BYTES = 8 * 1024 * 1024;

let app: TestApp;
let organizations: TestOrganization[];

beforeAll(async () => {
  // Room for what the service takes itself, and for six times such a body: more than that ends the process.
  app = await TestApp.start({
    NODE_OPTIONS: '--max-old-space-size=112',
    REQUEST_MAX_BYTES: String(BODY_BYTES),
  });
  organizations = await Promise.all(Array.from({ length: 2 }, () => anOrganization(app.dataSource)));
});
afterAll(() => app.close());

/** As many of these values as fit, as a JSON array. */
const arrayOf = (value: string) =>
  `[${Array(Math.floor(BODY_BYTES / (value.length + 1)) - 20)
    .fill(value)
    .join()}]`;
const nested = arrayOf('['.repeat(30) + ']'.repeat(30));

describe('a body of many small values is read at the cost of its text', () => {
  it.each<[string, string, string, string, RegExp]>([
    ['PUT', '/settings/user', 'application/json', `{"a":${nested},"b":"\\u0000"}`, /^U\+0000 cannot be stored/],
    ['POST', '/settings/user', 'application/json', `{"settings":${nested}}`, /^settings must be an object$/],
    ['DELETE', '/settings/user', 'application/json', `{"a":${nested}}`, /^keys is required$/],
    ['PATCH', '/settings/user', 'application/json-patch+json', arrayOf('{}'), /^at most 256 operations are allowed$/],
    [
      'PATCH',
      '/settings/user',
      'application/json-patch+json',
      `[{"op":"add","path":"","value":${nested}}]`,
      /^operation 0: settings must be an object$/,
    ],
    ['PATCH', '/settings/user', 'application/merge-patch+json', nested, /^the body must be an object$/],
    ['POST', '/systemevent', 'application/json', `{"a":${nested}}`, /^there are more than 50000 values$/],
  ])('%s %s, %s', async (method, path, type, body, error) => {
    const headers = { 'content-type': type };
    const answers = await Promise.all(
      organizations.map(({ user }) => app.request(method, path, { as: user, headers, body })),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ error: expect.stringMatching(error) as string });
    }
  });
});
