/**
 * Measures how the service grows: documents, writers of one document, connections, organizations, instances. See
 * README.md.
 */
import { KILOBYTE } from './documents.js';
import { OPERATIONS } from './operations.js';
import { recordStatements } from './recorded-statements.js';
import { describe, publishGrowth } from './report/publish.js';
import { measureRow } from './row.js';
import { Schedule } from './schedule.js';
import { note, Session } from './session.js';
import { Stage } from './stage.js';

const CONTESTANTS = ['service', 'bare'];
const ROUNDS = 3;
const SECONDS = 2;

/** When the last row is to be measured, so that all ends within half an hour. */
const ROWS_END_MS = 26 * 60_000;

const ORGANIZATIONS = 10_000;

/** All documents together: of large ones there are fewer. */
const MAX_BYTES = 64 * KILOBYTE * KILOBYTE;

/** Owners of the one document that all write. */
const WRITERS = 1_000;

/**
 * So many memberships the service remembers. Of more organizations so many callers come that it remembers none in time.
 */
const REMEMBERED = 100_000;

const sizeOf = (organizations, bytes = KILOBYTE) => ({
  organizations,
  bytes,
  versions: organizations > ORGANIZATIONS ? 1 : 10,
});

/**
 * @typedef Case
 * @property {string} dimension what grows
 * @property {string} value how far
 * @property {object} size of the tables (see `BenchDatabase.seed`)
 * @property {string[]} [operations]
 * @property {number} [connections]
 * @property {number} [instances]
 * @property {object} [environment] where the defaults would throttle the load
 * @property {boolean} [hasLargeTables] so large that no statement may read one from end to end
 */

/** @type {Case[]} */
const CASES = [
  ...[100, KILOBYTE, 64 * KILOBYTE, 512 * KILOBYTE].map((bytes) => ({
    dimension: 'bytes of a document',
    value: bytes,
    size: sizeOf(Math.min(ORGANIZATIONS, MAX_BYTES / bytes), bytes),
  })),
  {
    dimension: 'documents that all write',
    value: 1,
    size: { ...sizeOf(ORGANIZATIONS), members: WRITERS },
    operations: ['update'],
    environment: { RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' },
  },
  ...[1, 4, 16, 64, 256].map((connections) => ({
    dimension: 'connections',
    value: connections,
    size: sizeOf(ORGANIZATIONS),
    connections,
  })),
  ...[1_000, 10_000, 100_000, 1_000_000].map((organizations) => ({
    dimension: 'organizations',
    value: organizations,
    size: sizeOf(organizations),
    // Of a small table PostgreSQL reads the whole sooner than its index.
    hasLargeTables: organizations >= ORGANIZATIONS,
  })),
  ...[1, 2, 3].map((instances) => ({
    dimension: 'instances',
    value: instances,
    size: sizeOf(ORGANIZATIONS),
    instances,
  })),
];

await Session.run(async (session) => {
  const stage = await Stage.open(session, CONTESTANTS, { seed: sizeOf(ORGANIZATIONS) });
  note('Comparing the answers of both ...');
  const { spares } = await stage.checkedCallers();
  const { byRequest } = await recordStatements(session, stage.contestants[0], {
    caller: spares.at(-1),
    requests: ['read', 'update'],
    documents: stage.documents,
  });
  await stage.stop();

  const schedule = new Schedule(ROWS_END_MS, CASES.length * 2);
  const rows = [];
  for (const {
    dimension,
    value,
    size,
    operations = ['read', 'update'],
    connections,
    hasLargeTables = false,
    ...options
  } of CASES) {
    note(`Measuring: ${dimension}: ${value.toLocaleString('en-US')} ...`);
    await stage.seed(size);
    await stage.start(CONTESTANTS, options);
    await stage.load.speakFor(await callersOf(stage, size));
    for (const operation of operations) {
      const setting = { ...stage.setting, rounds: ROUNDS, seconds: SECONDS, connections, until: schedule.next() };
      const row = await measureRow(stage.contestants, OPERATIONS[operation], setting);
      const scanned = hasLargeTables ? await scannedTables(stage.database, byRequest[operation]) : [];
      rows.push({ dimension, value, ...row, ...problemOf(scanned) });
    }
    await stage.stop();
  }
  await publishGrowth({ ...(await describe(stage)), seconds: SECONDS, rows });
});

async function callersOf(stage, { members = 0 }) {
  const { database } = stage;
  if (members > 0) return stage.introduce(await database.members());
  const owners = await database.owners({ most: 2 * REMEMBERED });
  return owners.length <= REMEMBERED ? stage.introduce(owners) : stage.name(owners);
}

async function scannedTables(database, statements) {
  const tables = [];
  for (const statement of statements) tables.push(...(await database.scannedTables(statement)));
  return tables;
}

/** Statements that read a whole table make a row void, however fast that was. */
function problemOf(scanned) {
  return scanned.length === 0 ? {} : { wrong: 1, example: `the plan reads all of ${scanned.join(', ')}` };
}
