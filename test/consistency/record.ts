import { Client } from './client.js';
import { Cluster } from './cluster.js';
import type { Document } from './document-model.js';
import { type FaultCounts, Faults } from './faults.js';
import type { Entry } from './history.js';
import { Random } from './random.js';
import { KINDS, type Stage, type StageDocument } from './stage.js';
import { Workload } from './workload.js';

export interface RunOptions {
  readonly seed: number;
  readonly seconds: number;
  /** On a busy machine clients go on until they have sent so many, for half a minute at most. */
  readonly leastRequests?: number;
  readonly instances: number;
  readonly clients: number;
  readonly hasFaults: boolean;
  /** A module in `planted/` to preload. */
  readonly planted?: string;
}

export interface Recording {
  readonly entries: readonly Entry[];
  readonly faults: FaultCounts;
}

const NO_FAULTS: FaultCounts = { connections: 0, stalls: 0, longStalls: 0, kills: 0, restarts: 0 };

/** A client that reaches nobody waits a moment before it tries another instance. */
const AFTER_A_REFUSAL_MS = 50;

/** How many requests are to a policy, beside one to each document but the first. */
const POLICY_WEIGHT = 0.1;

const MOST_OVERTIME_S = 30;

/** From so many seconds on, a run has time for faults that take long. */
const LONG_RUN_S = 30;

/**
 * Starts instances of the service, lets clients work and faults happen, and records what the clients see. One process
 * does all the recording, so the number of an event says exactly what came before it.
 *
 * The seed decides what each client chooses and which faults happen; when exactly, the machine decides.
 *
 * @param interruption ends the run early and without a recording, with nothing left running
 */
export async function record(stage: Stage, options: RunOptions, interruption?: AbortSignal): Promise<Recording> {
  const random = new Random(options.seed);
  const cluster = await Cluster.start(options.instances, stage.variables, options.planted);
  try {
    const recorder = new Recorder(cluster);
    await makePolicies(recorder, stage, options.clients);
    const faults = options.hasFaults
      ? new Faults(stage, cluster, random.fork(), options.seconds >= LONG_RUN_S)
      : undefined;
    const start = performance.now();
    const isOver = () => {
      const seconds = (performance.now() - start) / 1_000 - options.seconds;
      const isEnough = recorder.entries.length >= (options.leastRequests ?? 0) || seconds > MOST_OVERTIME_S;
      return (seconds >= 0 && isEnough) || interruption?.aborted === true;
    };
    const clients = Array.from({ length: options.clients }, (_, client) =>
      work(recorder, stage, client, random.fork(), isOver),
    );
    const failed = (await Promise.allSettled(clients)).find((result) => result.status === 'rejected');
    const counts = (await faults?.end()) ?? NO_FAULTS;
    if (failed !== undefined) throw failed.reason;
    interruption?.throwIfAborted();
    await stage.becomesQuiet();
    await readAll(recorder, [...stage.documents, ...stage.policies], options.clients);
    return { entries: recorder.entries, faults: counts };
  } finally {
    await cluster.stop();
  }
}

class Recorder {
  readonly entries: Entry[] = [];
  private readonly start = performance.now();
  private readonly run = Math.random().toString(36).slice(2, 8);
  private events = 0;
  private requests = 0;

  constructor(readonly cluster: Cluster) {}

  /** Sends one request and records it. */
  async send(
    client: Client,
    input: Entry['input'],
    to: { document: StageDocument; client: number; instance: number },
  ): Promise<Entry> {
    const { document, instance } = to;
    const id = `${this.run}-${++this.requests}`;
    const { path, content } = KINDS[document.kind];
    const target = { url: this.cluster.urlOf(instance), path, content, token: document.token, requestId: id };
    const called = ++this.events;
    const calledAt = performance.now() - this.start;
    const outcome = await client.send(input, target);
    const returned = ++this.events;
    const entry: Entry = {
      id,
      document: document.name,
      client: to.client,
      instance,
      calledAt,
      returnedAt: performance.now() - this.start,
      called,
      input,
      ...(outcome.kind === 'answered'
        ? { returned, output: outcome.reply }
        : { returned: Infinity, output: undefined, failure: outcome.failure, isUnsent: outcome.kind === 'unsent' }),
    };
    this.entries.push(entry);
    return entry;
  }
}

/** @throws where a policy is not what it is to be */
async function makePolicies(recorder: Recorder, { policies }: Stage, number: number): Promise<void> {
  const client = new Client();
  try {
    for (const document of policies) {
      const input = { kind: 'replace', settings: document.first } as const;
      const { output } = await recorder.send(client, input, { document, client: number, instance: 0 });
      if (output?.status !== 200) throw new Error(`The ${document.name} could not be made`);
    }
  } finally {
    client.close();
  }
}

async function work(
  recorder: Recorder,
  { documents, policies, arePolicies }: Stage,
  number: number,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  const client = new Client();
  const workload = new Workload(random.fork(), number);
  const seen = new Map<StageDocument, Document>();
  // The first document gets as much as all others together.
  const weighted = documents.map((document, place) => [place === 0 ? documents.length - 1 : 1, document] as const);
  const changed = arePolicies === 'changing' ? policies.map((policy) => [POLICY_WEIGHT, policy] as const) : [];
  try {
    while (!isOver()) {
      const document = random.weighted<StageDocument>([...weighted, ...changed]);
      const before = seen.get(document) ?? { version: 0, settings: {} };
      const instance = random.between(0, recorder.cluster.size - 1);
      const next =
        KINDS[document.kind].content === 'settings'
          ? workload.next(before)
          : workload.nextOfPolicy(before, document.kind === 'system-policy' ? ['organization', 'user'] : ['user']);
      const { output, isUnsent } = await recorder.send(client, next, {
        document,
        client: number,
        instance,
      });
      if (output !== undefined && 'version' in output) {
        const { version, settings = before.settings } = { ...before, ...output };
        seen.set(document, { version, settings });
      }
      if (isUnsent === true) await new Promise((wake) => setTimeout(wake, AFTER_A_REFUSAL_MS));
    }
  } finally {
    client.close();
  }
}

/** The last word on each document, on each instance. */
async function readAll(recorder: Recorder, documents: readonly StageDocument[], number: number): Promise<void> {
  const client = new Client();
  try {
    for (let instance = 0; instance < recorder.cluster.size; instance++) {
      for (const document of documents) {
        for (let attempt = 1; ; attempt++) {
          const { output } = await recorder.send(client, { kind: 'read' }, { document, client: number, instance });
          if (output !== undefined) break;
          if (attempt === 10) throw new Error(`Instance ${instance} answers no read after the faults are over`);
        }
      }
    }
  } finally {
    client.close();
  }
}
