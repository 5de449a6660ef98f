import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How many requests of a connection may wait for the one before them. */
const MAX_WAITING = 100;

/** How many wait; only connections on which somebody does have an entry. */
const waiting = new WeakMap<Socket, number>();

const REPLY = Symbol('reply');

type RepliedSocket = Socket & { [REPLY]?: ServerResponse };

/**
 * Works on the requests of a connection one after the other (RFC 9112 §9.3.2 lets a server choose): the next one begins
 * when the reply before it is on its way, and nothing more is read until then. So a connection has one reply in memory,
 * and one read full of requests, whatever it asks for and however slowly it takes the replies. If these are too many
 * the connection is cut off; its caller may send again what was not answered.
 */
export function answerInTurn(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, { raw: reply }, done) => {
    const socket: RepliedSocket = raw.socket;
    // A reply has no socket while another one is before it.
    if (reply.socket === null) {
      wait(raw, reply, () => {
        socket[REPLY] = reply;
        done();
      });
    } else {
      socket[REPLY] = reply;
      done();
    }
  });
}

/** The reply that a connection waits for, or `undefined`. */
export function replyInProgressOn(socket: RepliedSocket): ServerResponse | undefined {
  const reply = socket[REPLY];
  return reply?.writableFinished === false ? reply : undefined;
}

function wait({ socket }: IncomingMessage, reply: ServerResponse, begin: () => void): void {
  const count = (waiting.get(socket) ?? 0) + 1;
  waiting.set(socket, count);
  if (count > MAX_WAITING) {
    socket.destroy();
    return;
  }
  socket.pause();
  reply.once('socket', () => {
    const rest = waiting.get(socket)! - 1;
    if (rest > 0) waiting.set(socket, rest);
    else waiting.delete(socket);
    // After Node, which reads on when a reply is written.
    process.nextTick(() => {
      if (rest > 0) socket.pause();
      else socket.resume();
      if (socket.writable) begin();
    });
  });
}
