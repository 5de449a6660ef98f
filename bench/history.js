/**
 * Measures how much storage the versions of a settings document take, and how long reading them takes. See README.md.
 */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { Client } from './client.js';
import { bucket, KILOBYTE, settingsOf } from './documents.js';
import { fixed, tableOf, whole } from './report/markdown.js';
import { note, Session } from './session.js';
import { median } from './statistics.js';

const DOCUMENT_BYTES = [1 * KILOBYTE, 64 * KILOBYTE, 512 * KILOBYTE];
const CHANGES = 1000;

/** So many whole copies tell what one takes. */
const COPIES = 200;

/** How often each read is sent; the median counts. */
const READS = 5;

/** Small changes, each by another number. */
const WAYS = {
  'PUT of a leaf': (number) => ({
    method: 'PUT',
    type: 'application/json',
    body: { security: { sessionTimeout: number } },
  }),
  'PATCH of an element': (number, { storage: { buckets } }) => ({
    method: 'PATCH',
    type: 'application/json-patch+json',
    body: [
      {
        op: 'replace',
        path: `/storage/buckets/${number % buckets.length}`,
        value: bucket(number % buckets.length, number),
      },
    ],
  }),
};

/** Version 1 is the first document; version 500 is almost as far from the whole one before it as a version can be. */
const READINGS = {
  '20 newest': '/versions?limit=20',
  'version 1': '/versions/1',
  'version 500': '/versions/500',
  'diff 1..1000': '/versions/1000/diff?from=1',
};

await Session.run(async (session) => {
  const database = await session.createDatabase();
  const server = session.server('service');
  await server.start(session.signal);
  const tokenFor = session.issuer();
  const rows = [];
  for (const bytes of DOCUMENT_BYTES) {
    for (const way of Object.keys(WAYS)) {
      note(`Measuring: ${CHANGES} × ${way} in a document of ${bytes / KILOBYTE} KB ...`);
      const user = await database.addOwner();
      const client = new Client(server, tokenFor(user), session.signal);
      rows.push({ bytes, way, ...(await measure({ database, user, client, document: settingsOf(bytes), way })) });
    }
  }
  report(rows, { postgresql: await database.version() });
});

async function measure({ database, user, client, document, way }) {
  await database.forgetVersions();
  await client.send('', { method: 'POST', type: 'application/json', body: { settings: document } });
  const first = await database.sizeOfVersions();
  const start = performance.now();
  for (let number = 1; number <= CHANGES; number++) await client.send('', WAYS[way](number, document));
  const changeMs = (performance.now() - start) / CHANGES;
  const all = await database.sizeOfVersions();
  assert.equal(all.versions - first.versions, CHANGES, 'Each change makes a version');
  return {
    changeMs,
    bytesPerVersion: (all.total - first.total) / CHANGES,
    snapshotBytesPerVersion: (all.snapshots - first.snapshots) / CHANGES,
    bytesPerCopy: (await database.sizeOfCopies(user, COPIES)) / COPIES,
    readMs: await readingTimes(client),
  };
}

async function readingTimes(client) {
  const times = [];
  for (const path of Object.values(READINGS)) {
    const ofPath = [];
    for (let read = 0; read < READS; read++) {
      const start = performance.now();
      await client.send(path);
      ofPath.push(performance.now() - start);
    }
    times.push(median(ofPath));
  }
  return times;
}

function report(rows, { postgresql }) {
  const head = ['changes', 'B/version', 'of that whole', 'B/copy', 'copies / versions', 'ms/change'];
  const cells = rows.map(({ bytes, way, bytesPerVersion, snapshotBytesPerVersion, bytesPerCopy, changeMs, readMs }) => [
    `${way}, ${bytes / KILOBYTE} KB`,
    whole(bytesPerVersion),
    whole(snapshotBytesPerVersion),
    whole(bytesPerCopy),
    fixed(bytesPerCopy / bytesPerVersion, 1),
    fixed(changeMs, 1),
    ...readMs.map((ms) => `${fixed(ms, 1)} ms`),
  ]);
  process.stdout.write(
    [
      `Node ${process.version.slice(1)}, PostgreSQL ${postgresql}; ${CHANGES} changes of each document`,
      '',
      tableOf([[...head, ...Object.keys(READINGS)], ...cells]),
      '',
    ].join('\n'),
  );
}
