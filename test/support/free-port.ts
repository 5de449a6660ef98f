import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Below the ports that systems give to outgoing connections: while nobody listens, none of those takes it. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A port of the loopback address on which nobody listens now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** How long a program may take until it listens, in milliseconds. */
const PATIENCE_MS = 10_000;

/** @throws Error when nobody listens on a port of the loopback address after a while */
export async function listens(port: number, isOver = () => false): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await takesConnections(port)); await sleep(50)) {
    if (isOver() || Date.now() > deadline) throw new Error(`Nobody listens on port ${port}`);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
