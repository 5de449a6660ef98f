import { connect } from 'node:net';

export const REDIS_URL = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Whether one answers there. */
export const HAS_REDIS = await new Promise<boolean>((resolve) => {
  const { hostname, port } = new URL(REDIS_URL);
  const socket = connect(Number(port), hostname, () => resolve(true)).on('error', () => resolve(false));
  socket.setTimeout(1000, () => resolve(false));
  socket.unref();
});
