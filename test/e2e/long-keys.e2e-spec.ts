import { expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { residentMemory } from '../support/resident-memory.js';

const MEGABYTE = 2 ** 20;

it('a document whose keys are long costs no more memory than its bytes, however deep its leaves lie', async () => {
  const app = await TestApp.start();
  const { owner } = await anOrganization(app.dataSource);
  let settings: object = Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`leaf${n}`, n]));
  // A tilde takes two characters of a JSON Pointer (RFC 6901 §3), and each of 31 pointers would name all 29 keys.
  for (let level = 0; level < 29; level++) settings = { [`${'~'.repeat(16_900)}${level}`]: settings };
  const before = await residentMemory(app);
  expect((await app.request('PUT', '/settings/organization', { as: owner, body: settings })).status).toBe(200);
  expect(await residentMemory(app)).toBeLessThan(before + 60 * MEGABYTE);
  const { body } = await app.request('GET', '/settings/organization', { as: owner });
  expect(body).toStrictEqual({ success: true, settings });
  await app.close();
});
