import assert from 'node:assert/strict';
import { CONNECTIONS, KINDS, PATH } from './load.js';

/** One for each rule of the merge. */
const PATCHES = [
  '{}',
  '{"maxFileSize":"20GB"}',
  '{"security":{"passwordPolicy":{"minLength":16}},"locale":{"currency":"CHF"}}',
  '{"retentionPolicy":{"legalHold":{"until":null}},"features":null}',
  '{"features":{}}',
  '{"maxFileSize":{"bytes":1}}',
  '{"security":"none"}',
  '{"notifications":{"email":{"recipients":[]}}}',
  '{"a.b":{"":{"constructor":[{"deep":1}]}},"quota":12345678901234567890.10}',
];

/**
 * Makes sure that all servers give the same answers and store the same documents, or else the comparison is worth
 * nothing; and that of the two services only the first keeps versions.
 *
 * Every user asks once. So this also brings the service into the state in which it spends its life: the first request
 * of a user costs it two look-ups more than those that follow, because it remembers memberships.
 *
 * @throws assert.AssertionError with two answers that differ
 */
export async function checkSameAnswers({ servers, services, database, users, tokenFor, signal }) {
  await eachOf(users, CONNECTIONS, async (user) => {
    signal.throwIfAborted();
    requireSuccess(servers, await Promise.all(servers.map((server) => ask(server, tokenFor(user)))));
  });
  await checkRefusals({ servers, database, users, tokenFor });
  for (const [index, patch] of PATCHES.entries()) {
    await checkWrite({ servers, database, user: users[index], tokenFor, method: 'PUT', body: patch });
  }
  const { method, body } = KINDS.replace;
  await checkWrite({ servers: services, database, user: users[0], tokenFor, method, body: body.join('1') });
}

async function checkRefusals({ servers, database, users, tokenFor }) {
  const [user] = users;
  const reader = await database.addReader();
  const before = await database.settingsOf(reader);
  const [head, claims, signature] = tokenFor(user).split('.');
  const forged = [head, claims, [...signature].reverse().join('')].join('.');
  for (const server of servers) {
    const statusOf = async (...request) => (await ask(server, ...request)).status;
    assert.equal(await statusOf(undefined), 401, `${server.name}: no token`);
    assert.equal(await statusOf(forged), 401, `${server.name}: a forged token`);
    assert.equal(await statusOf(tokenFor(user, { isExpired: true })), 401, `${server.name}: an expired token`);
    assert.equal(await statusOf(tokenFor('nobody')), 404, `${server.name}: a user whom no row describes`);
    assert.equal(await statusOf(tokenFor(reader)), 200, `${server.name}: a member reads`);
    assert.ok((await statusOf(tokenFor(reader), '{"maxFileSize":"1GB"}')) >= 400, `${server.name}: a member writes`);
    assert.equal(await database.settingsOf(reader), before, `${server.name}: a member writes`);
  }
}

async function checkWrite({ servers, database, user, tokenFor, method, body }) {
  const before = await database.settingsOf(user);
  const results = [];
  for (const server of servers) {
    await database.setSettingsOf(user, before);
    const counted = await database.count();
    const answer = await ask(server, tokenFor(user), body, method);
    const { changes, kept } = await database.count();
    assert.equal(kept - counted.kept, server.keepsVersions ? changes - counted.changes : 0, `${server.name}: versions`);
    results.push({ ...answer, settings: await database.settingsOf(user) });
  }
  requireSuccess(servers, results);
}

/** All answers are the same, and no error. */
function requireSuccess(servers, [first, ...others]) {
  assert.equal(first.status, 200, `${servers[0].name}: ${first.body}`);
  for (const [index, other] of others.entries()) assert.deepEqual(other, first, servers[index + 1].name);
}

async function ask({ origin }, token, body, method = 'PUT') {
  const headers = { ...(token && { authorization: `Bearer ${token}` }) };
  const change = body && { method, body, headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(origin + PATH, change ?? { headers });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

async function eachOf(items, atOnce, task) {
  const remaining = items.values();
  const worker = async () => {
    for (const item of remaining) await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
