import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key server on the loopback address that answers as it is told, and counts how often it is asked. */
export class KeyServer {
  hits = 0;
  answer: RequestListener = (_, response) => response.end('{"keys":[]}');

  private constructor(private readonly server: Server) {}

  static async start(keys: object[] = []): Promise<KeyServer> {
    const server = createServer();
    const keyServer = new KeyServer(server);
    keyServer.publish(keys);
    server.on('request', (request, response) => {
      keyServer.hits++;
      keyServer.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return keyServer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  publish(keys: object[]): void {
    const body = JSON.stringify({ keys });
    this.answer = (_, response) => response.setHeader('content-type', 'application/json').end(body);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
