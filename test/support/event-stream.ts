import { type ClientRequest, type IncomingMessage, request } from 'node:http';

/** One event of a stream. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  /** Read as JSON. */
  readonly data: Record<string, unknown>;
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number;
}

/** A stream of server-sent events (WHATWG HTML §9.2), as a test reads it. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  /** What came that is no event: comments, `retry` and ids alone. */
  readonly blocks: string[] = [];
  lastId: string | undefined;
  isClosed = false;
  private rest = '';
  private changed = () => undefined as void;

  private constructor(
    private readonly outgoing: ClientRequest,
    readonly incoming: IncomingMessage,
  ) {
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => this.take(text));
    const close = () => {
      this.isClosed = true;
      this.changed();
    };
    incoming.on('close', close).on('error', close);
  }

  /** @throws Error when the reply is no 200 */
  static open(url: string, token: string, headers: Record<string, string> = {}): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const sent = { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers };
      const outgoing = request(`${url}/settings/stream`, { headers: sent, agent: false }, (incoming) => {
        if (incoming.statusCode === 200) return resolve(new EventStream(outgoing, incoming));
        incoming.resume();
        reject(new Error(`The stream was answered with ${incoming.statusCode}`));
      });
      outgoing.on('error', reject).end();
    });
  }

  /** The events of this name. */
  of(name: string): StreamEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  /** Waits until there are so many events of this name. @returns the last of them */
  async until(name: string, count = 1, patienceMs = 10_000): Promise<StreamEvent> {
    await this.untilTrue(() => this.of(name).length >= count, `${count} events ${name}`, patienceMs);
    return this.of(name)[count - 1]!;
  }

  async untilClosed(patienceMs = 10_000): Promise<void> {
    await this.untilTrue(() => this.isClosed, 'the end', patienceMs);
  }

  async untilTrue(isTrue: () => boolean, what: string, patienceMs = 10_000): Promise<void> {
    const end = performance.now() + patienceMs;
    while (!isTrue()) {
      if (performance.now() > end) throw new Error(`Waited for ${what}; came: ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.outgoing.destroy();
  }

  private take(text: string): void {
    this.rest += text;
    for (let end = this.rest.indexOf('\n\n'); end >= 0; end = this.rest.indexOf('\n\n')) {
      this.takeBlock(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
    }
    this.changed();
  }

  private takeBlock(block: string): void {
    const fields = block.split('\n').map((line) => /^([^:]*):? ?(.*)$/s.exec(line)!);
    const valueOf = (name: string) => fields.find(([, field]) => field === name)?.[2];
    const [id, event, data] = [valueOf('id'), valueOf('event'), valueOf('data')];
    this.lastId = id ?? this.lastId;
    if (event === undefined || data === undefined) this.blocks.push(block);
    else this.events.push({ event, id, data: JSON.parse(data) as Record<string, unknown>, at: performance.now() });
  }
}
