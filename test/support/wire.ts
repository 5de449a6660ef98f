import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { urlOf } from './server.js';

/** A wire to a server, by default PostgreSQL's, that a test can cut and mend, or lead elsewhere. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private server?: Server;
  private port = 0;

  /**
   * @param target any address on the server
   * @param relay hands on what either side says
   */
  constructor(
    private target = urlOf(''),
    private readonly relay = (near: Socket, far: Socket): void => void near.pipe(far).pipe(near),
  ) {}

  /** From now on new connections go to another server; what is connected stays so. */
  leadTo(target: string): void {
    this.target = target;
  }

  /** The address that leads over this wire to where the given one leads. */
  through(url: string): string {
    const over = new URL(url);
    over.hostname = '127.0.0.1';
    over.port = String(this.port);
    return over.href;
  }

  async mend(): Promise<void> {
    this.server = createServer((near) => {
      const { hostname, port } = new URL(this.target);
      const far = connect(Number(port || 5432), hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => this.sockets.delete(socket));
      }
      this.relay(near, far);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** What is connected stays so and hears nothing any more, as when a host is gone; new connections work. */
  silence(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async cut(): Promise<void> {
    this.server?.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
    if (this.server !== undefined) await once(this.server, 'close');
  }
}
