import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How many requests of a connection may wait for the one before them, and how many bytes their heads may have. */
const MAX_WAITING = 100;
const MAX_WAITING_BYTES = 256 * 1024;

interface WaitingRequests {
  count: number;
  bytes: number;
}

/** The requests that wait; only connections that have some have an entry. */
const waitingOn = new WeakMap<Socket, WaitingRequests>();

const REPLY = Symbol('reply');

type RepliedSocket = Socket & { [REPLY]?: ServerResponse };

/**
 * Works on the requests of a connection one after the other (RFC 9112 §9.3.2 lets a server choose): the next one begins
 * when the reply before it is on its way. So a connection has one reply in memory, whatever it asks for and however
 * slowly it takes the replies; and of a body that waits, Node reads no more than its buffer holds. If too much waits,
 * the connection is cut off; its caller may send again what was not answered.
 */
export function answerInTurn(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, { raw: reply }, done) => {
    const socket: RepliedSocket = raw.socket;
    const begin = () => {
      socket[REPLY] = reply;
      done();
    };
    // A reply has no socket while another one is before it.
    if (reply.socket === null) wait(raw, reply, begin);
    else begin();
  });
}

/** The reply that a connection waits for, or `undefined`. */
export function replyInProgressOn(socket: RepliedSocket): ServerResponse | undefined {
  const reply = socket[REPLY];
  return reply?.writableFinished === false ? reply : undefined;
}

function wait({ socket, rawHeaders }: IncomingMessage, reply: ServerResponse, begin: () => void): void {
  const waiting = waitingOn.get(socket) ?? { count: 0, bytes: 0 };
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, 0);
  waiting.count++;
  waiting.bytes += bytes;
  waitingOn.set(socket, waiting);
  if (waiting.count > MAX_WAITING || waiting.bytes > MAX_WAITING_BYTES) {
    socket.destroy();
    return;
  }
  reply.once('socket', () => {
    waiting.count--;
    waiting.bytes -= bytes;
    if (waiting.count === 0) waitingOn.delete(socket);
    process.nextTick(() => {
      if (socket.writable) begin();
    });
  });
}
