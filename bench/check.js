import assert from 'node:assert/strict';
import { featureOf } from './documents.js';
import { CONNECTIONS } from './load/load.js';
import { exchange } from './load/exchange.js';
import { SETTINGS_PATH } from './operations.js';

/**
 * Changes, for each rule of them one. `needsDigits`: the number is beyond what JavaScript can hold.
 * @type {{ method: string, path?: string, body: string, needsDigits?: boolean }[]}
 */
const CHANGES = [
  { method: 'PUT', body: '{}' },
  { method: 'PUT', body: '{"maxFileSize":"20GB"}' },
  { method: 'PUT', body: '{"security":{"passwordPolicy":{"minLength":16}},"locale":{"currency":"CHF"}}' },
  { method: 'PUT', body: '{"retentionPolicy":{"legalHold":{"until":null}},"features":null}' },
  { method: 'PUT', body: '{"features":{}}' },
  { method: 'PUT', body: '{"maxFileSize":{"bytes":1}}' },
  { method: 'PUT', body: '{"security":"none"}' },
  { method: 'PUT', body: '{"notifications":{"email":{"recipients":[]}}}' },
  { method: 'PUT', body: '{"a.b":{"":{"constructor":[{"deep":1}]}},"quota":0.5}' },
  { method: 'PUT', body: '{"quota":12345678901234567890.10}', needsDigits: true },
  { method: 'POST', body: '{"settings":{"a":{"b":[1,{"c":null}]},"ü":"€"}}' },
  { method: 'POST', body: '{"settings":{}}' },
  { method: 'POST', body: '{"settings":{"quota":12345678901234567890.10}}', needsDigits: true },
  { method: 'DELETE', body: `{"keys":["features.${featureOf(0)}","locale","nothing","nothing.here"]}` },
  { method: 'DELETE', body: '{"keys":["security.passwordPolicy.minLength","security.requireMFA","locale.language"]}' },
  { method: 'DELETE', body: '{"keys":["storage.buckets.0","storage.buckets.0.name","maxFileSize.length"]}' },
  {
    method: 'DELETE',
    body: '{"keys":["retentionPolicy.legalHold.until","retentionPolicy.legalHold.enabled","locale.a\\\\.b"]}',
  },
  { method: 'PUT', path: '/organization/<organization>', body: '{"city":"Zürich"}' },
  {
    method: 'PUT',
    path: '/organization/<organization>',
    body: '{"name":"Acme","is_business":true,"website":"https://example.com"}',
  },
  {
    method: 'PUT',
    path: '/organization/<organization>',
    body: '{"address1":"1 Main Street","address2":"2","zipcode":"10001","phone":"+1","state":"CA","country":"US","mfaEnforced":true}',
  },
];

/** So many callers read from every server; from the service all do. */
const READERS = 320;

/**
 * Makes sure that all servers give the same answers and store the same documents, or else the comparison is worth
 * nothing; and that the services keep each change as a version, unless they should not.
 *
 * @param {object} options
 * @param {import('./contestant.js').ServerContestant[]} options.contestants the first is the one that others are
 *   compared with
 * @param {import('./load/plan.js').Caller[]} options.callers
 * @param {import('./load/plan.js').Caller[]} options.spares callers whose organizations are not measured
 * @throws assert.AssertionError with two answers that differ
 */
export async function checkSameAnswers({ contestants, database, callers, spares, tokenFor, signal }) {
  await eachOf(callers.slice(0, READERS), async (caller) => {
    signal.throwIfAborted();
    requireSame(contestants, await Promise.all(contestants.map((contestant) => ask(contestant, caller.token))));
  });
  await checkRefusals({ contestants, database, caller: spares[0], tokenFor });
  for (const [index, change] of CHANGES.entries()) {
    await checkChange({
      contestants: contestants.filter(({ roundsNumbers }) => !change.needsDigits || !roundsNumbers),
      database,
      caller: spares[index % spares.length],
      change,
    });
  }
}

/**
 * Has every caller read from each instance of the service once, and notes the entity tag. This also brings the service
 * into the state in which it spends its life: the first request of a user costs it two look-ups more than those that
 * follow, because it remembers memberships.
 *
 * @returns {Promise<import('./load/plan.js').Caller[]>}
 */
export async function withEntityTags(contestant, callers, signal) {
  const tagged = Array(callers.length);
  await eachOf([...callers.entries()], async ([index, caller]) => {
    signal.throwIfAborted();
    for (const origin of contestant.origins) {
      const { status, etag } = await ask({ origin }, caller.token);
      assert.equal(status, 200, `${contestant.name}: a caller reads`);
      assert.ok(etag, `${contestant.name}: an entity tag`);
      tagged[index] = { ...caller, etag };
    }
  });
  return tagged;
}

async function checkRefusals({ contestants, database, caller, tokenFor }) {
  const reader = tokenFor(await database.addReader(caller.organization));
  const before = await database.stateOf(caller.organization);
  const [head, claims, signature] = caller.token.split('.');
  const forged = [head, claims, [...signature].reverse().join('')].join('.');
  const changes = [
    { method: 'PUT', body: '{"maxFileSize":"1GB"}' },
    { method: 'POST', body: '{"settings":{}}' },
    { method: 'DELETE', body: '{"keys":["maxFileSize"]}' },
    { method: 'PUT', path: `/organization/${caller.organization}`, body: '{"city":"Paris"}' },
  ];
  for (const contestant of contestants) {
    const { name } = contestant;
    const statusOf = async (...request) => (await ask(contestant, ...request)).status;
    assert.equal(await statusOf(undefined), 401, `${name}: no token`);
    assert.equal(await statusOf(forged), 401, `${name}: a forged token`);
    assert.equal(await statusOf(tokenFor(caller.userId, { isExpired: true })), 401, `${name}: an expired token`);
    assert.equal(await statusOf(tokenFor('nobody')), 404, `${name}: a user whom no row describes`);
    assert.equal(await statusOf(reader), 200, `${name}: a member reads`);
    for (const change of changes) {
      assert.equal(await statusOf(forged, change), 401, `${name}: a forged token, ${change.method}`);
      assert.ok((await statusOf(reader, change)) >= 400, `${name}: a member writes, ${change.method}`);
    }
    assert.deepEqual(await database.stateOf(caller.organization), before, `${name}: a member writes`);
  }
}

async function checkChange({ contestants, database, caller, change }) {
  const { organization, token } = caller;
  const path = change.path?.replace('<organization>', organization);
  const before = await database.stateOf(organization);
  const results = [];
  for (const contestant of contestants) {
    await database.setState(organization, before);
    const counted = await database.count();
    const answer = await ask(contestant, token, { ...change, ...(path && { path }) });
    const { changes, kept } = await database.count();
    const expected = contestant.keepsVersions ? changes - counted.changes : 0;
    assert.equal(kept - counted.kept, expected, `${contestant.name}: versions`);
    results.push({ ...answer, ...(await database.stateOf(organization)) });
  }
  requireSame(contestants, results);
}

/** All answers are the same, and no error; those of who rounds numbers may be spaced otherwise. */
function requireSame(contestants, [first, ...others]) {
  assert.equal(first.status, 200, `${contestants[0].name}: ${first.body}`);
  const comparable = ({ status, type, body, settings, profile }, isParsed) => ({
    status,
    type,
    body: isParsed ? JSON.parse(body) : body,
    settings,
    profile,
  });
  for (const [index, other] of others.entries()) {
    const { name, roundsNumbers } = contestants[index + 1];
    assert.deepEqual(comparable(other, roundsNumbers), comparable(first, roundsNumbers), name);
  }
}

async function ask({ origin }, token, { method = 'GET', path = SETTINGS_PATH, body } = {}) {
  const headers = {
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(body && { 'Content-Type': 'application/json' }),
  };
  const answer = await exchange(origin, { method, path, headers, body });
  return { status: answer.status, type: answer.headers['content-type'], etag: answer.headers.etag, body: answer.body };
}

async function eachOf(items, task) {
  const remaining = items.values();
  const worker = async () => {
    for (const item of remaining) await task(item);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}
