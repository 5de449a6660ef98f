import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** How much more is read from a connection that ends, in bytes, and for how long, in milliseconds. */
const MAX_DISCARDED_BYTES = 64 * 1024;
const MAX_WAIT_MS = 2_000;

/**
 * Ends a connection on which its caller may still be sending (RFC 9112 §9.6). What arrives is thrown away, within the
 * limits above, because closing at once would reset the connection and take the last reply with it. No request is read
 * from it any more.
 *
 * @param lastWords are sent before the end
 */
export function endConnection(socket: Socket, lastWords = ''): void {
  let discarded = 0;
  // The HTTP parser reads the socket through such listeners.
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) socket.pause();
  });
  socket.once('end', () => {
    if (socket.writableFinished) socket.destroy();
    else socket.once('finish', () => socket.destroy());
  });
  const timer = setTimeout(() => socket.destroy(), MAX_WAIT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(lastWords);
  socket.resume();
}

/** Ends the connection after a reply that is sent before the whole request has arrived. */
export function endConnectionAfter(reply: FastifyReply): void {
  const { socket } = reply.request.raw;
  reply.header('connection', 'close');
  // Node calls this when the last reply of a connection is written.
  socket.destroySoon = () => endConnection(socket);
}
