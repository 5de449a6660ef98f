import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A reply as it stands on the wire. */
export interface RawReply {
  readonly status: number;
  /** By lower-case names; of several with one name the last. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A TCP connection to a service, for what a client library does not send. */
export class RawConnection {
  readonly openedAt = performance.now();
  private received = Buffer.alloc(0);
  private hasEnded = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => (this.received = Buffer.concat([this.received, chunk])));
    socket.on('close', () => (this.hasEnded = true));
    socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends a text, each character of which is a byte. */
  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next reply; `undefined` when the connection ends, or nothing comes in time. */
  async reply(patienceMs = 10_000): Promise<RawReply | undefined> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const reply = this.take();
      if (reply !== undefined || this.hasEnded || performance.now() > deadline) return reply;
      await new Promise((wake) => setTimeout(wake, 5));
    }
  }

  /** For how long the connection lived, in milliseconds; `undefined` when it does not end in time. */
  async lifetime(patienceMs: number): Promise<number | undefined> {
    const deadline = performance.now() + patienceMs;
    while (!this.hasEnded && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 20));
    return this.hasEnded ? performance.now() - this.openedAt : undefined;
  }

  close(): void {
    this.socket.destroy();
  }

  private take(): RawReply | undefined {
    const text = this.received.toString('latin1');
    const endOfHead = text.indexOf('\r\n\r\n');
    if (endOfHead < 0) return undefined;
    const [statusLine = '', ...lines] = text.slice(0, endOfHead).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const end = endOfHead + 4 + Number(headers['content-length'] ?? 0);
    if (text.length < end) return undefined;
    this.received = this.received.subarray(end);
    return {
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: Buffer.from(text.slice(endOfHead + 4, end), 'latin1').toString(),
    };
  }
}

/** Sends one text on a connection of its own and returns the first reply; `undefined` where none comes. */
export async function exchange(url: string, text: string): Promise<RawReply | undefined> {
  const connection = await RawConnection.open(url);
  connection.send(text);
  const reply = await connection.reply();
  connection.close();
  return reply;
}
