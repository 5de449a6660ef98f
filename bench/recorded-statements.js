import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchange } from './load/exchange.js';
import { Conversation } from './load/plan.js';

/** Of all requests that are recorded. */
const NUMBER = 1e12;

const RECORDER = new URL('servers/record-statements.js', import.meta.url).href;

/**
 * @typedef {{ text: string, values: (string | null)[] }} SentStatement
 *
 * What a server sends to PostgreSQL for one request of each kind.
 * @typedef {{ caller: import('./load/plan.js').Caller & { userId: string }, number: string,
 *   byRequest: Record<string, SentStatement[]> }} Recording
 */

/**
 * Starts a contestant's server once more, and sends it each request in the name of one caller. The statements are taken
 * as they go out, so this knows nothing of how the server makes them.
 *
 * @param {import('./load/plan.js').Caller} caller whose settings are as they were in the beginning
 * @param {string[]} requests names of them
 * @returns {Promise<Recording>}
 */
export async function recordStatements(session, contestant, { caller, requests, documents }) {
  const folder = await mkdtemp(join(tmpdir(), 'flashback-statements-'));
  const file = join(folder, 'statements');
  const server = session.server(contestant.name, { preload: RECORDER, environment: { BENCH_STATEMENTS: file } });
  const ask = async (name) => {
    const conversation = new Conversation(contestant.stepsOf({ [name]: 1 }, documents), [caller], NUMBER);
    const { judge, ...message } = conversation.next();
    const { status, body } = await exchange(server.origin, message);
    judge(status, body);
    if (conversation.tally.wrong > 0) throw new Error(`${contestant.name}: ${conversation.tally.example}`);
  };
  try {
    await server.start(session.signal);
    // A caller's first request takes more statements than all that follow.
    await ask('read');
    const byRequest = {};
    for (const name of requests) {
      await writeFile(file, '');
      await ask(name);
      const lines = (await readFile(file, 'utf8')).trim().split('\n');
      const sent = lines.filter(Boolean).map((line) => JSON.parse(line));
      // What a server does by itself is no part of a request.
      byRequest[name] = sent.filter(({ values }) => values.some((value) => isOf(caller, value)));
      if (byRequest[name].length === 0) throw new Error(`${contestant.name} sends no statement for ${name}`);
    }
    return { caller, number: String(NUMBER), byRequest };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

function isOf({ userId, organization }, value) {
  return value !== null && (value.includes(userId) || value.includes(organization));
}
