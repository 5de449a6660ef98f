import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { judgedFetch } from '../../test/support/judged-replies.js';

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

export interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A real HTTP server for what the service cannot be made to do. */
export class AServer {
  readonly received: Received[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const handler = this.#handlers[Math.min(this.received.length, this.#handlers.length - 1)];
      this.received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      handler?.(response, request);
    });
  });
  readonly #handlers: Handler[];

  private constructor(handlers: Handler[]) {
    this.#handlers = handlers;
  }

  /** @param handlers one for each request in turn, the last one also for all after it */
  static async start(...handlers: Handler[]): Promise<AServer> {
    const server = new AServer(handlers);
    await server.listen(0);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  close(): Promise<unknown> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    return closed;
  }
}

export const answer =
  (status: number, body: unknown = { success: status === 200 }, headers: Record<string, string> = {}): Handler =>
  (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };

export const silence: Handler = () => undefined;

export const hangUp: Handler = (_, request) => request.socket.destroy();

/** Begins a reply and cuts the connection in its middle. */
export const breakOff: Handler = (response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"success":', () => response.destroy());
};

/** A fetch that makes its requests but loses the replies to the first few of those that are no GET. */
export function losingReplies(count: number): typeof fetch {
  return async (...request) => {
    const response = await judgedFetch(...request);
    if (request[1]?.method === 'GET' || count-- <= 0) return response;
    await response.body?.cancel();
    throw new TypeError('The reply was lost');
  };
}

/** A port that nothing listens on. */
export async function aClosedPort(): Promise<number> {
  const server = await AServer.start();
  const { port } = server;
  await server.close();
  return port;
}

/** What the promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`It resolved to ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}
