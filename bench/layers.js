/** Measures what effective settings cost, beside a plain read of the organization's settings. See README.md. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import { SETTINGS } from './documents.js';
import { exchange } from './load/exchange.js';
import { MeasuredRounds } from './measured-rounds.js';
import { fixed, tableOf, whole } from './report/markdown.js';
import { note, Session } from './session.js';
import { medianInterval } from './statistics.js';

/** Each round sends so many of each kind, so many at a time. */
const ROUNDS = 40;
const REQUESTS = 400;
const AT_ONCE = 8;

/** What a read may cost, as often as a plain one. */
const BOUNDS = { 'two layers': 1.5, 'all five': 3, 'all five, explained': undefined };

const POLICY = {
  locks: { '/security/requireMFA': { reason: 'SOC 2' }, '/retentionPolicy': {} },
  schema: { user: { type: 'object', properties: { theme: { enum: ['dark', 'light'], default: 'light' } } } },
};

await Session.run(async (session) => {
  const database = await session.createDatabase();
  const server = session.server('service', {
    environment: { RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' },
  });
  await server.start(session.signal);
  const tokenFor = session.issuer();
  await database.seed({ organizations: 2 });
  const [first, second] = (await database.owners()).map(({ userId }) => tokenFor(userId));
  const operator = tokenFor(await database.addService(['system:read', 'system:write']));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  session.undoAtEnd(async () => agent.destroy());
  const send = async (token, path, body) => {
    const answer = await exchange(server.origin, {
      agent,
      path,
      headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, `${path}: ${answer.body.slice(0, 300)}`);
  };
  const settings = (of) => ({ settings: { ...SETTINGS, of } });
  for (const token of [first, second]) {
    await send(token, '/settings/organization', settings('organization'));
    await send(token, '/settings/user', settings('user'));
  }
  const prepare = {
    'two layers': async () => {},
    'all five': async () => {
      await send(operator, '/settings/system', settings('system'));
      await send(operator, '/settings/system/policy', { policy: POLICY });
      await send(second, '/settings/organization/policy', { policy: POLICY });
    },
    'all five, explained': async () => {},
  };
  const rows = [];
  for (const [name, bound] of Object.entries(BOUNDS)) {
    await prepare[name]();
    const token = name === 'two layers' ? first : second;
    const effective = `/settings/effective${name.endsWith('explained') ? '?explain=true' : ''}`;
    note(`Measuring: ${name} ...`);
    const attempt = async (path) => {
      const [start, cpu] = [performance.now(), server.cpuMicroseconds()];
      for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => send(token, path)));
      }
      const ms = performance.now() - start;
      return { ms, cpu: server.cpuMicroseconds() - cpu, wrong: 0 };
    };
    await attempt(effective);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      session.signal.throwIfAborted();
      const order = ['effective', 'plain'];
      if (round % 2 === 1) order.reverse();
      const did = {};
      for (const one of order) did[one] = await attempt(one === 'plain' ? '/settings/organization' : effective);
      rounds.push({ effective: did.effective, plain: did.plain });
    }
    const measured = new MeasuredRounds(rounds);
    const time = measured.ratios('ms', medianInterval).plain;
    const cpu = measured.ratios('cpu', medianInterval)?.plain;
    const perSecond = measured.each('ms', (ms) => (REQUESTS * 1000) / medianInterval(ms).median);
    rows.push([
      name,
      whole(perSecond.plain),
      whole(perSecond.effective),
      `${fixed(time.median, 2)} (${fixed(time.low, 2)}–${fixed(time.high, 2)})`,
      fixed(cpu?.median, 2),
      bound === undefined ? '–' : `≤ ${bound}`,
    ]);
    if (bound !== undefined && time.low > bound) {
      note(`${name}: ${fixed(time.low, 2)} times a plain read, and more than ${bound}`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(
    [
      `Node ${process.version.slice(1)}, PostgreSQL ${await database.version()}; ${ROUNDS} rounds`,
      '',
      tableOf([['', 'plain/s', 'effective/s', 'time (95 %)', 'CPU', 'bound'], ...rows]),
      '',
    ].join('\n'),
  );
});
