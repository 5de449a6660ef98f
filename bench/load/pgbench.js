import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SQL } from '../database.js';
import { featureOf } from '../documents.js';
import { REQUESTS } from '../operations.js';
import { canRun } from './can-run.js';

const execute = promisify(execFile);

/** As many as the pools of the servers have connections. */
const CLIENTS = 8;
const THREADS = 2;

/** Has no common factor with a number of organizations, so that the callers come in an order of no meaning. */
const STEP = 7919;

/** Sends the statements of a server itself, in the name of one caller after another: what the database alone can do. */
export class Pgbench {
  #database;
  #organizations;
  #folder;
  #signal;

  static isInstalled() {
    return canRun('pgbench');
  }

  static async of(session, { organizations }) {
    const pgbench = new Pgbench();
    pgbench.#database = session.database;
    pgbench.#organizations = organizations;
    pgbench.#signal = session.signal;
    pgbench.#folder = await mkdtemp(join(tmpdir(), 'flashback-pgbench-'));
    session.undoAtEnd(() => rm(pgbench.#folder, { recursive: true }));
    return pgbench;
  }

  /** @param {import('../recorded-statements.js').Recording} recording */
  async prepare(name, recording) {
    for (const [request, statements] of Object.entries(recording.byRequest)) {
      const texts = [];
      for (const statement of statements) texts.push(await this.#generalized(statement, recording, request));
      await writeFile(this.#file(name, request), `${this.#variables}\n${texts.map((text) => `${text};\n`).join('')}`);
    }
  }

  /** @param {Record<string, number>} shares of each request among all */
  async run(name, shares, { seconds, first }) {
    const scripts = Object.entries(shares).map(([request, share]) => ['-f', `${this.#file(name, request)}@${share}`]);
    const options = `-n -M prepared -c ${CLIENTS} -j ${THREADS} -T ${seconds} -D i=-1 -D first=${first}`.split(' ');
    const { stdout } = await execute('pgbench', [...options, ...scripts.flat(), this.#database.url], {
      signal: this.#signal,
      env: { ...process.env, PGOPTIONS: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off' },
    });
    const counts = [
      ...stdout.matchAll(/^(?: - |number of transactions actually processed: )(\d+)(?: transactions|$)/gm),
    ];
    const [total, ...byScript] = counts.map(([, count]) => Number(count));
    const requests = Object.keys(shares);
    const countOf = (index) => (requests.length === 1 ? total : byScript[index]);
    return {
      right: total,
      changes: requests.reduce((sum, request, index) => sum + (REQUESTS[request].isChange ? countOf(index) : 0), 0),
      seconds: total / Number(/^tps = ([\d.]+)/m.exec(stdout)[1]),
    };
  }

  get #variables() {
    return [
      '\\set i :i + 1',
      `\\set turn :i * ${CLIENTS} + :client_id`,
      `\\set n :turn * ${STEP} % ${this.#organizations} + 1`,
      `\\set pass :turn / ${this.#organizations}`,
      '\\set number :first + :turn',
    ].join('\n');
  }

  /** The statement with its values in it; what of them belongs to one caller or one request becomes an expression. */
  async #generalized({ text, values }, { caller, number }, request) {
    if (/(?<!:):[a-z_]/i.test(text)) throw new Error(`pgbench would take a part of this for a variable: ${text}`);
    const types = await this.#database.parameterTypes(text);
    const expressions = new Map([
      [caller.organization, `${SQL.organization(':n')}::text`],
      [caller.userId, SQL.owner(':n')],
      [caller.name, SQL.name(':n')],
      [number, '(:number)::text'],
      ...(REQUESTS[request].body?.includes('<pass>')
        ? [[featureOf(0), `'feature-' || lpad((:pass)::text, 2, '0')`]]
        : []),
    ]);
    const isKnown = new RegExp(`(${[...expressions.keys()].join('|')})`);
    const expressionOf = (value) =>
      value === null || value === ''
        ? literalOf(value)
        : value
            .split(isKnown)
            .filter((part) => part !== '')
            .map((part) => expressions.get(part) ?? literalOf(part))
            .join(' || ');
    return text.replace(/\$(\d+)/g, (_, place) => `(${expressionOf(values[place - 1])})::${types[place - 1]}`);
  }

  #file(name, request) {
    return join(this.#folder, `${name}-${request}.sql`);
  }
}

/** Without colons, because pgbench looks for variables in literals, too. */
function literalOf(text) {
  if (text === null) return 'null';
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll(':', '\\x3a')}'`;
}
