import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { ChangeContext } from '../../src/history/change-context.js';
import type { Answer, RequestOptions } from '../support/app.js';
import type { TestOrganization } from '../support/factories.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { expectDocumented } from './documented.js';

export type Send = (method: string, path: string, options: RequestOptions) => Promise<Answer>;

/**
 * How long the service may take to work again once nothing is broken any more: the contract's number, in milliseconds.
 */
const RECOVERY_MS = 10_000;

/** So many good replies in a row are no coincidence. */
const STREAK = 100;

/** Each client waits a little before its next request, so that documents stay small. */
const PAUSE_MS = 15;

interface Write {
  readonly key: string;
  isAcknowledged: boolean;
}

/** What clients write into one place, and how to see what became of it. */
interface Target {
  readonly path: string;
  readonly as: string;
  readonly body: (key: string) => object;
  readonly writes: Map<string, Write>;
  /** Of its kept changes: table, owner's column and id, context. */
  readonly kept: readonly [table: string, key: string, id: string, context: ChangeContext];
}

/**
 * Clients that write and read without end while something is broken, each on one document or profile, and that say
 * afterwards whether anything acknowledged was lost, or anything applied twice or by half.
 *
 * 1. Every reply has to be a documented one.
 * 2. A read has to show every change that was acknowledged before it was sent.
 */
export class Load {
  private readonly targets: Target[];
  private readonly clients: Promise<void>[];
  private isOver = false;
  /** How many replies were good in a row, and how many of each status there were. */
  private streak = 0;
  readonly statuses = new Map<number, number>();
  private lastFailure: Answer | undefined;

  constructor(
    private readonly send: Send,
    { id, owner, administrator, user }: TestOrganization,
  ) {
    const twoKeys = (key: string) => ({ [key]: key, copy: { [key]: key } });
    const target = (path: string, as: string, body: Target['body'], kept: Target['kept']): Target => {
      return { path, as, body, kept, writes: new Map() };
    };
    this.targets = [
      target('/settings/organization', owner, twoKeys, [
        'organization_changes',
        'organization_id',
        id,
        ChangeContext.ORGANIZATION_SETTINGS,
      ]),
      target('/settings/user', user, twoKeys, ['user_changes', 'user_id', user, ChangeContext.USER_SETTINGS]),
      target(`/organization/${id}`, administrator, (key) => ({ city: key, state: key }), [
        'organization_changes',
        'organization_id',
        id,
        ChangeContext.ORGANIZATION,
      ]),
    ];
    const [settings, own, profile] = this.targets as [Target, Target, Target];
    const writers = [settings, settings, settings, own, own, profile];
    this.clients = [...writers.map((at) => this.write(at)), this.read(settings), this.read(own), this.read(profile)];
    // Heard by end(); until then it must not end the process.
    for (const client of this.clients) client.catch(() => undefined);
    onTestFinished(async () => {
      this.isOver = true;
      await Promise.allSettled(this.clients);
    });
  }

  /** Waits for many good replies in a row, changes everywhere among them; failures before have to end in time. */
  async flows(): Promise<void> {
    const called = performance.now();
    this.streak = 0;
    const hasChanged = ({ writes }: Target) => [...writes.values()].some(({ isAcknowledged }) => isAcknowledged);
    while (this.streak < STREAK || !this.targets.every(hasChanged)) {
      await Promise.race([sleep(5), this.failed()]);
      const isBroken = this.streak === 0 && performance.now() - called > RECOVERY_MS;
      expect(isBroken, `still broken after ${RECOVERY_MS} ms: ${JSON.stringify(this.lastFailure)}`).toBe(false);
    }
  }

  /** Stops, and fails if what the database kept is not what the clients were told. */
  async end(server: PostgresServer): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
    for (const target of this.targets) await this.compare(target, server);
  }

  private async failed(): Promise<never> {
    await Promise.all(this.clients);
    throw new Error('The clients have stopped');
  }

  private async write(target: Target): Promise<void> {
    while (!this.isOver) {
      const id = randomUUID();
      const write: Write = { key: `k${id.slice(0, 12)}`, isAcknowledged: false };
      target.writes.set(id, write);
      const options = { as: target.as, body: target.body(write.key), headers: { 'x-request-id': id } };
      write.isAcknowledged = (await this.request('PUT', target.path, options)).status === 200;
      await sleep(PAUSE_MS);
    }
  }

  private async read({ path, as, writes }: Target): Promise<void> {
    while (!this.isOver) {
      const before = [...writes.values()].filter(({ isAcknowledged }) => isAcknowledged);
      const { status, body } = await this.request('GET', path, { as });
      if (status === 200) expectWhole(body);
      const { settings } = body as { settings?: Record<string, unknown> };
      if (settings !== undefined) {
        const missing = before.filter(({ key }) => settings[key] !== key);
        expect(missing, 'acknowledged changes that a later read does not show').toStrictEqual([]);
      }
      await sleep(PAUSE_MS);
    }
  }

  private async request(method: string, path: string, options: RequestOptions): Promise<Answer> {
    const answer = await this.send(method, path, options);
    expectDocumented(method, path, answer);
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 200) this.streak++;
    else {
      this.streak = 0;
      this.lastFailure = answer;
    }
    return answer;
  }

  private async compare({ path, as, kept, writes }: Target, server: PostgresServer): Promise<void> {
    const [table, key, ownerId, context] = kept;
    const changes = await server.query<{ version: string; request_id: string }>(
      `select version, request_id from ${table} where ${key} = $1 and context = $2 and operation <> 'baseline'
       order by version`,
      [ownerId, context],
    );
    const made = changes.map(({ request_id }) => request_id);
    const acknowledged = [...writes].filter(([, { isAcknowledged }]) => isAcknowledged).map(([id]) => id);
    expect(acknowledged.length, `acknowledged changes of ${path}`).toBeGreaterThan(0);
    expect(
      acknowledged.filter((id) => !made.includes(id)),
      'acknowledged and lost',
    ).toStrictEqual([]);
    expect(made.length, 'changes, each of another request').toBe(new Set(made).size);
    expect(changes.map(({ version }) => Number(version))).toStrictEqual(made.map((_, place) => place + 1));

    const { status, body } = await this.send('GET', path, { as });
    expect(status).toBe(200);
    expectWhole(body);
    const keys = made.map((id) => writes.get(id)?.key);
    if ('settings' in (body as object)) {
      const { copy, ...settings } = (body as { settings: Record<string, unknown> }).settings;
      expect(Object.keys(settings).toSorted()).toStrictEqual(keys.toSorted());
      expect(copy).toStrictEqual(settings);
    } else {
      expect((body as { data: object }).data).toMatchObject({ city: keys.at(-1), state: keys.at(-1) });
    }
  }
}

/** Both places that each change writes, or none. */
function expectWhole(body: unknown): void {
  const { settings, data } = body as { settings?: Record<string, unknown>; data?: { city: string; state: string } };
  if (settings !== undefined) {
    const { copy = {}, ...rest } = settings;
    expect(copy).toStrictEqual(rest);
  }
  expect(data?.city).toBe(data?.state);
}
