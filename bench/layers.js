/** Measures what effective settings cost to read, and policies for who changes settings. See README.md. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import { SETTINGS } from './documents.js';
import { exchange } from './load/exchange.js';
import { MeasuredRounds } from './measured-rounds.js';
import { fixed, tableOf, whole } from './report/markdown.js';
import { note, Session } from './session.js';
import { medianInterval } from './statistics.js';

const ROUNDS = 40;

/** Each round reads so often, so many at a time. */
const READS = 400;
const AT_ONCE = 8;

/** Each round makes so many changes, one after the other, so that their times are what one caller waits. */
const CHANGES = 50;

/** What a read may take, as often as a plain one. */
const READ_BOUNDS = { 'two layers': 1.5, 'all five': 3, 'all five, explained': undefined };

const LOCKS = { '/security/requireMFA': { reason: 'SOC 2' }, '/retentionPolicy': {} };
const SCHEMA = {
  type: 'object',
  properties: {
    maxFileSize: { type: 'string', pattern: '^[0-9]+GB$' },
    security: { type: 'object', properties: { sessionTimeout: { type: 'integer', maximum: 86_400 } } },
    storage: {
      type: 'object',
      properties: { buckets: { type: 'array', items: { type: 'object', required: ['name', 'region'] } } },
    },
  },
};
const USER_SCHEMA = { type: 'object', properties: { theme: { enum: ['dark', 'light'], default: 'light' } } };

await Session.run(async (session) => {
  const database = await session.createDatabase();
  const server = session.server('service', {
    environment: { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0', DATABASE_TIME_PER_CALLER: '0' },
  });
  await server.start(session.signal);
  const tokenFor = session.issuer();
  await database.seed({ organizations: 4 });
  const [first, second, locked, bound] = (await database.owners()).map(({ userId }) => tokenFor(userId));
  const operator = tokenFor(await database.addService(['system:read', 'system:write']));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  session.undoAtEnd(async () => agent.destroy());

  const send = async (token, path, body, method = body && 'POST') => {
    const answer = await exchange(server.origin, {
      agent,
      path,
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, `${path}: ${answer.body.slice(0, 300)}`);
  };
  /** @param {Record<string, () => Promise<void>>} contestants who take turns */
  const inTurns = async (contestants) => {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      session.signal.throwIfAborted();
      const names = Object.keys(contestants);
      const did = {};
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const [start, cpu] = [performance.now(), server.cpuMicroseconds()];
        await contestants[name]();
        did[name] = { ms: performance.now() - start, cpu: server.cpuMicroseconds() - cpu, wrong: 0 };
      }
      rounds.push(Object.fromEntries(names.map((name) => [name, did[name]])));
    }
    return new MeasuredRounds(rounds);
  };

  const settings = (of) => ({ settings: { ...SETTINGS, of } });
  for (const token of [first, second, locked, bound]) {
    await send(token, '/settings/organization', settings('organization'));
    await send(token, '/settings/user', settings('user'));
  }
  await send(locked, '/settings/organization/policy', { policy: { locks: LOCKS } });
  await send(bound, '/settings/organization/policy', { policy: { schema: { user: SCHEMA } } });

  note('Measuring: changes ...');
  let changed = 0;
  const changesOf = (token) => async () => {
    for (let n = 0; n < CHANGES; n++) {
      const body = { settings: { security: { sessionTimeout: changed++ % 86_400 } } };
      await send(token, '/settings/user', body, 'PUT');
    }
  };
  const changes = await inTurns({
    'without a policy': changesOf(first),
    'with locks': changesOf(locked),
    'with a schema': changesOf(bound),
  });
  const ms = changes.each('ms', (times) => medianInterval(times).median / CHANGES);
  const ratios = changes.ratios('ms', medianInterval);
  const changeRows = Object.keys(ms).map((name) => {
    const { median, low, high } = ratios[name] ?? {};
    const times = median === undefined ? '–' : `${fixed(1 / median, 2)} (${fixed(1 / high, 2)}–${fixed(1 / low, 2)})`;
    return [name, fixed(ms[name], 2), times];
  });

  const prepare = {
    'all five': async () => {
      await send(operator, '/settings/system', settings('system'));
      for (const [token, path] of [
        [operator, '/settings/system/policy'],
        [second, '/settings/organization/policy'],
      ]) {
        await send(token, path, { policy: { locks: LOCKS, schema: { user: USER_SCHEMA } } });
      }
    },
  };
  const readRows = [];
  for (const [name, most] of Object.entries(READ_BOUNDS)) {
    await prepare[name]?.();
    note(`Measuring: reads of ${name} ...`);
    const token = name === 'two layers' ? first : second;
    const readsOf = (path) => async () => {
      for (let sent = 0; sent < READS; sent += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => send(token, path)));
      }
    };
    const measured = await inTurns({
      effective: readsOf(`/settings/effective${name.endsWith('explained') ? '?explain=true' : ''}`),
      plain: readsOf('/settings/organization'),
    });
    const time = measured.ratios('ms', medianInterval).plain;
    const cpu = measured.ratios('cpu', medianInterval).plain;
    const perSecond = measured.each('ms', (ms) => (READS * 1000) / medianInterval(ms).median);
    readRows.push([
      name,
      whole(perSecond.plain),
      whole(perSecond.effective),
      `${fixed(time.median, 2)} (${fixed(time.low, 2)}–${fixed(time.high, 2)})`,
      fixed(cpu?.median, 2),
      most === undefined ? '–' : `≤ ${most}`,
    ]);
    if (time.low > most) {
      note(`${name}: ${fixed(time.low, 2)} times a plain read, and more than ${most}`);
      process.exitCode = 1;
    }
  }

  process.stdout.write(
    [
      `Node ${process.version.slice(1)}, PostgreSQL ${await database.version()}; ${ROUNDS} rounds`,
      '',
      tableOf([['effective settings', 'plain/s', 'effective/s', 'time (95 %)', 'CPU', 'bound'], ...readRows]),
      '',
      tableOf([['a change', 'ms', 'time (95 %)'], ...changeRows]),
      '',
    ].join('\n'),
  );
});
