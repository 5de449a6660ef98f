import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

/** The examples of docs/watching.md, as they stand in docs/examples. */

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const has = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
const hasGo = () => spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;

const EXAMPLES: [string, string[], boolean, (version: number) => RegExp][] = [
  ['sh', ['docs/examples/watch.sh'], has('curl'), (n) => new RegExp(`"settings":\\{"n": ${n}\\}`)],
  ['python3', ['docs/examples/watch.py'], has('python3'), (n) => new RegExp(`^change .*'version': '${n}'`, 'm')],
  ['go', ['run', 'docs/examples/watch.go'], hasGo(), (n) => new RegExp(`^change .*"version":"${n}"`, 'm')],
];

class Example {
  output = '';

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  static run(command: string, args: string[], token: string): Example {
    const env = { ...process.env, FLASHBACK_BASE_URL: app.url, FLASHBACK_ACCESS_TOKEN: token };
    return new Example(spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }));
  }

  async until(expected: RegExp): Promise<void> {
    const end = performance.now() + 30_000;
    while (!expected.test(this.output)) {
      if (performance.now() > end) throw new Error(`Waited for ${expected}: ${this.output}`);
      await sleep(20);
    }
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    // With what it started.
    process.kill(-this.child.pid!, 'SIGKILL');
    await once(this.child, 'exit');
  }
}

describe.each(EXAMPLES)('%s %j', (command, args, isThere, shown) => {
  it('shows each change, and ends where the token does not hold', async ({ skip }) => {
    skip(!isThere, `${command} is missing`);
    const put = (n: number) =>
      app.request('POST', '/settings/organization', { as: organization.owner, body: { settings: { n } } });
    const version = async () =>
      Number(
        /^"(\d+)/.exec(
          (await app.request('GET', '/settings/organization', { as: organization.owner })).headers['etag'] as string,
        )![1],
      );
    await put(-1);
    const before = await version();
    const example = Example.run(command, args, app.tokenFor(organization.user));
    try {
      await example.until(command === 'sh' ? shown(-1) : /^ready /m);
      for (let n = before + 1; n <= before + 3; n++) {
        await put(n);
        await example.until(shown(n));
      }
    } finally {
      await example.end();
    }
    const refused = Example.run(command, args, 'x.y.z');
    await refused.until(/Unauthorized/);
    await refused.end();
  });
});
