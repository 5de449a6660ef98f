import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { RunningRequests } from './running-requests.js';

/** How long a caller may read nothing of a reply, and how often that is checked, in milliseconds. */
const STALLED_MS = 30_000;
const STALLED_STREAM_MS = 60_000;
const CHECK_MS = 1_000;

const streams = new WeakSet<ServerResponse>();

/** Says that a reply goes on for as long as its caller likes. */
export function markStream(reply: ServerResponse): void {
  streams.add(reply);
}

/** Cuts off the connections of callers who do not read their replies, so that these do not stay in memory. */
export function cutOffStalledReplies(fastify: FastifyInstance, running: RunningRequests): void {
  const seen = new WeakMap<ServerResponse, { readonly bytes: number; readonly since: number }>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const reply of running.replies()) {
      const bytes = bytesToSend(reply.socket);
      const before = seen.get(reply);
      if (bytes === 0) seen.delete(reply);
      else if (bytes !== before?.bytes) seen.set(reply, { bytes, since: now });
      // A reset, because an orderly end would leave the rest of the reply to the operating system.
      else if (now - before.since >= (streams.has(reply) ? STALLED_STREAM_MS : STALLED_MS))
        reply.socket?.resetAndDestroy();
    }
  }, CHECK_MS);
  timer.unref();
  fastify.addHook('onClose', () => clearInterval(timer));
}

/** What a connection still has to hand to the operating system. Only its handle knows how much of a write is left. */
function bytesToSend(socket: Socket | null): number {
  if (socket === null || socket.writableLength === 0) return 0;
  const { _handle: handle } = socket as Socket & { _handle?: { readonly writeQueueSize?: number } | null };
  return socket.writableLength + (handle?.writeQueueSize ?? 0);
}
