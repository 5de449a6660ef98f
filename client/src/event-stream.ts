import type { FlashbackClient } from './client.js';
import { FlashbackError } from './flashback-error.js';
import { backoffMs, mayPass } from './retry.js';
import { pause } from './within.js';

/** The service sends a comment every 15 s: who hears nothing for longer has no connection any more. */
const SILENCE_MS = 35_000;

/** When to come back where the service does not say it. */
const RETRY_MS = 2_000;

const MAX_BACKOFF_MS = 30_000;

/** More than any event has. */
const MAX_EVENT_CHARACTERS = 1_000_000;

export interface StreamEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

interface Listener {
  onEvent(event: StreamEvent): void;
  /** Called with `true` after the first event and whenever something comes then, with `false` when it has ended. */
  onConnection(isConnected: boolean): void;
}

/**
 * Reads the stream of changes, and comes back when it breaks off, from where that was. Resolves when the signal is
 * aborted.
 *
 * @throws FlashbackError what cannot be cured; what `accessToken` throws
 */
export async function followStream(client: FlashbackClient, listener: Listener, signal: AbortSignal): Promise<void> {
  const position: Position = { lastId: undefined, retryMs: RETRY_MS, isEnded: false };
  for (let failures = 0; !signal.aborted;) {
    const controller = new AbortController();
    const end = () => controller.abort(signal.reason);
    signal.addEventListener('abort', end);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      const silent = () => controller.abort(new FlashbackError('timed_out', 'The stream was silent for too long'));
      timer = setTimeout(silent, SILENCE_MS);
    };
    heard();
    let isTold = false;
    try {
      const headers = { accept: 'text/event-stream', ...(position.lastId && { 'last-event-id': position.lastId }) };
      const response = await client.openStream('settings/stream', headers, controller.signal);
      const read = readEvents(response, position, () => {
        failures = 0;
        heard();
        // Before the first event nobody knows what changed meanwhile.
        if (isTold) listener.onConnection(true);
      });
      for await (const event of read) {
        listener.onEvent(event);
        if (!isTold) listener.onConnection(true);
        isTold = true;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof BrokenStream) && !mayPass(error)) throw error;
      failures++;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      controller.abort();
    }
    listener.onConnection(false);
    // After an end for good there may be another right, or a new token: the next attempt tells.
    const { isEnded, retryMs } = position;
    position.isEnded = false;
    await pause((isEnded ? 0 : retryMs * (0.5 + Math.random())) + backoffMs(failures, MAX_BACKOFF_MS), signal);
  }
}

interface Position {
  lastId: string | undefined;
  retryMs: number;
  isEnded: boolean;
}

/** The connection broke, or what came is no stream of ours: that may pass. */
class BrokenStream extends Error {}

/** Reads server-sent events (WHATWG HTML §9.2.5). @param heard called for whatever comes */
async function* readEvents(response: Response, position: Position, heard: () => void): AsyncGenerator<StreamEvent> {
  const { body, headers } = response;
  if (body === null || !/^text\/event-stream\b/i.test(headers.get('content-type') ?? '')) throw new BrokenStream();
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new BrokenStream();
    });
    if (done) return;
    heard();
    const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop() ?? '';
    if (rest.length > MAX_EVENT_CHARACTERS) throw new BrokenStream();
    for (const block of blocks) {
      const fields: Record<string, string> = {};
      for (const line of block.split(/\r\n|\n|\r/)) {
        const [, name = '', text = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        fields[name] = text;
      }
      const { event, id, data, retry } = fields;
      if (id !== undefined) position.lastId = id;
      if (retry !== undefined && /^\d{1,6}$/.test(retry)) position.retryMs = Number(retry);
      if (event === undefined || data === undefined) continue;
      if (event === 'end') {
        position.lastId = undefined;
        position.isEnded = true;
        return;
      }
      yield { event, data: readObject(data) };
    }
  }
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through: what is no JSON is no event of ours.
  }
  throw new BrokenStream();
}
