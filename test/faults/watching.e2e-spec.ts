import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Answer, JWT_SECRET, requestAt, TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { EventStream } from '../support/event-stream.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { aFolder, ServiceProcess } from '../support/process.js';
import { HAS_REDIS, REDIS_URL } from '../support/redis.js';
import { Wire } from '../support/wire.js';

vi.setConfig({ testTimeout: 240_000 });

const DOCUMENTS = 50;
const WATCHERS = 200;
const WRITERS = 16;
/** One of them knows no Redis, and is heard of by polls alone. */
const INSTANCES = 3;

/** How long changes are made while things break, and within which time everybody knows the last version afterwards. */
const FAULTS_MS = 25_000;
const PROMISED_MS = 10_000;

const PATH = '/settings/organization';

/** The version that a reply shows. */
const versionOf = ({ headers }: Answer) => Number(/^"(\d+)-/.exec(headers['etag'] as string)?.[1] ?? -1);

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;

/**
 * What is promised of watching, as a whole: whatever breaks, at the end every watcher knows the last version; and who
 * was told of a version never reads an older one.
 */
describeWithPostgres(`${WATCHERS} watchers of ${DOCUMENTS} documents under ${WRITERS} writers`, () => {
  let server: PostgresServer;
  let folder: Awaited<ReturnType<typeof aFolder>>;
  let app: TestApp;
  const instances: ServiceProcess[] = [];
  let organizations: TestOrganization[];

  const redis = new Wire(REDIS_URL);
  const startInstance = (index: number) =>
    ServiceProcess.start(folder.path, {
      ...server.variables,
      ...(HAS_REDIS && index > 0 && { REDIS_URL: redis.through(REDIS_URL) }),
      JWT_SECRET,
      NODE_ENV: 'production',
      LOG_LEVEL: 'fatal',
      RATE_LIMIT_PER_MINUTE: '0',
      RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0',
      SHUTDOWN_DELAY_MS: '200',
    });

  beforeAll(async () => {
    server = await PostgresServer.start();
    await redis.mend();
    folder = await aFolder();
    app = await TestApp.start({ MIGRATE_ON_START: 'true' }, server);
    for (let n = 0; n < INSTANCES; n++) instances.push(await startInstance(n));
    organizations = [];
    for (let n = 0; n < DOCUMENTS; n++) organizations.push(await anOrganization(app.dataSource));
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.kill('SIGKILL')));
    await redis.cut();
    await app?.close();
    await folder?.remove();
    await server?.drop();
  });

  it('know the last version at the end, and never read an older one than they were told of', async () => {
    let isOver = false;
    const problems: string[] = [];
    const open = new Set<EventStream>();
    let notifications = 0;
    let reads = 0;
    const known = new Array<number>(WATCHERS).fill(-1);
    const told = (watcher: number, version: number) => {
      notifications++;
      known[watcher] = Math.max(known[watcher]!, version);
    };

    /** Reads at any instance, and compares with what the watcher was told before. */
    const readAfter = async (watcher: number, token: string) => {
      const before = known[watcher]!;
      const answer = await requestAt(pick(instances).url, 'GET', PATH, {}, token).catch(() => undefined);
      if (answer?.status !== 200) return;
      reads++;
      const version = versionOf(answer);
      if (version < before) problems.push(`watcher ${watcher} was told of ${before} and read ${version}`);
    };

    const byStream = async (watcher: number, token: string) => {
      let lastId: string | undefined;
      while (!isOver) {
        const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
        const stream = await EventStream.open(pick(instances).url, token, headers).catch(() => undefined);
        if (stream !== undefined) {
          open.add(stream);
          for (let at = 0; !isOver;) {
            await stream.untilTrue(() => isOver || stream.isClosed || stream.events.length > at, 'news', 60_000);
            for (; at < stream.events.length; at++) {
              const { event, data } = stream.events[at]!;
              const { version, organization } = data as {
                version: string;
                organization?: { settings: { version: string } };
              };
              if (event === 'ready') told(watcher, Number(organization!.settings.version));
              else if (data['document'] === 'organization-settings') told(watcher, Number(version));
              else continue;
              if (Math.random() < 0.3) await readAfter(watcher, token);
            }
            if (stream.isClosed && at === stream.events.length) break;
          }
          lastId = stream.lastId;
          open.delete(stream);
          stream.close();
        }
        await sleep(50 + Math.random() * 200);
      }
    };

    const byWaitingReads = async (watcher: number, token: string) => {
      let tag: string | undefined;
      while (!isOver) {
        const headers: Record<string, string> = tag === undefined ? {} : { 'if-none-match': tag };
        const before = known[watcher]!;
        const asked = requestAt(pick(instances).url, 'GET', `${PATH}?wait=2`, { headers }, token);
        const answer = await asked.catch(() => undefined);
        if (answer?.status === 200) {
          tag = answer.headers['etag'] as string;
          const version = versionOf(answer);
          if (version < before) problems.push(`watcher ${watcher} had ${before} and read ${version}`);
          told(watcher, version);
        } else if (answer?.status !== 304) {
          await sleep(50 + Math.random() * 200);
        }
      }
    };

    const watching = known.map((_, watcher) => {
      const { user, billing, workspaces, administrator } = organizations[watcher % DOCUMENTS]!;
      const kind = Math.floor(watcher / DOCUMENTS);
      const token = app.tokenFor([user, billing, workspaces, administrator][kind]!, 600);
      return kind === 3 ? byWaitingReads(watcher, token) : byStream(watcher, token);
    });

    let isWriting = true;
    const acknowledged = new Array<number>(DOCUMENTS).fill(0);
    const writing = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; isWriting; n++) {
        const document = Math.floor(Math.random() * DOCUMENTS);
        const token = app.tokenFor(organizations[document]!.owner, 600);
        const sent = requestAt(pick(instances).url, 'PUT', PATH, { body: { [`w${writer}`]: n } }, token);
        const answer = await sent.catch(() => undefined);
        if (answer?.status === 200) acknowledged[document] = Math.max(acknowledged[document]!, versionOf(answer));
        await sleep(20);
      }
    });

    const end = performance.now() + FAULTS_MS;
    for (let n = 0; performance.now() < end; n++) {
      await sleep(1_500);
      for (const stream of open) if (Math.random() < 0.2) stream.close();
      if (n % 3 === 1) {
        const at = n % INSTANCES;
        await instances[at]!.kill('SIGKILL');
        instances[at] = await startInstance(at);
      }
      if (n % 4 === 2) {
        await redis.cut();
        await sleep(1_000);
        await redis.mend();
      }
      if (n % 5 === 3) {
        await server.stop('immediate');
        await sleep(500);
        await server.start();
      }
    }
    isWriting = false;
    await Promise.all(writing);

    const finals = async () => {
      const rows = await server.query<{ id: string; version: string }>(
        'select organization_id as id, version from organization_settings',
      );
      const versions = new Map(rows.map(({ id, version }) => [id, Number(version)]));
      return organizations.map(({ id }) => versions.get(id) ?? 0);
    };
    const last = await finals();
    const behind = () => known.flatMap((version, watcher) => (version === last[watcher % DOCUMENTS] ? [] : [watcher]));
    const deadline = performance.now() + PROMISED_MS;
    while (behind().length > 0 && performance.now() < deadline) await sleep(50);
    const late = behind();
    isOver = true;
    for (const stream of open) stream.close();
    await Promise.all(watching);

    expect(problems).toStrictEqual([]);
    expect(late.map((watcher) => [watcher, known[watcher], last[watcher % DOCUMENTS]])).toStrictEqual([]);
    expect(last.every((version, document) => version >= acknowledged[document]!)).toBe(true);
    expect(await finals()).toStrictEqual(last);
    // So that it is a test of something.
    expect(last.reduce((sum, version) => sum + version, 0)).toBeGreaterThan(200);
    expect(notifications).toBeGreaterThan(400);
    expect(reads).toBeGreaterThan(100);
  });
});
