import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '../errors/app-error.js';
import { MalformedRequestError, RouteNotFoundError } from '../errors/common.errors.js';
import { endConnection } from './connection-end.js';
import { ERROR_CODE_HEADER } from './error-code-header.js';
import { JSON_TYPE, settingsEnvelope } from './error-envelope.js';
import { replyInProgressOn } from './pipelining.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

const ANSWERS = new Map<string | undefined, [status: string, error: AppError]>([
  [
    'HPE_HEADER_OVERFLOW',
    [
      '431 Request Header Fields Too Large',
      new MalformedRequestError('the request header is too long', 'HEADERS_TOO_LARGE'),
    ],
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    ['408 Request Timeout', new MalformedRequestError('the request took too long to arrive', 'REQUEST_TIMEOUT')],
  ],
]);

/**
 * Answers input that is not HTTP, arrives too slowly, or has too long a header: it never becomes a request, so it
 * reaches no route and no filter.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const reply = replyInProgressOn(socket);
  // The reply to an earlier request comes first; what would follow it has no place.
  const isAnswerable = reply === undefined || (!reply.headersSent && !reply.req.complete);
  if (error.code === 'ECONNRESET' || !socket.writable || !isAnswerable) {
    socket.destroy();
    return;
  }
  const [status, problem] = ANSWERS.get(error.code) ?? [
    '400 Bad Request',
    new MalformedRequestError('the request is not HTTP'),
  ];
  endConnection(socket, lastReply(status, problem, randomUUID()));
}

/** Answers CONNECT, which asks for a tunnel and for no route; Node would close the connection without a word. */
export function refuseTunnel(request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => socket.destroy());
  endConnection(socket, lastReply('404 Not Found', new RouteNotFoundError(), requestIdOf(request)));
}

function lastReply(status: string, error: AppError, requestId: string): string {
  const body = JSON.stringify(settingsEnvelope()(error));
  return [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    `${ERROR_CODE_HEADER}: ${error.code}`,
    'Cache-Control: private, no-cache',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
