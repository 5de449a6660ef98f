import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { settingsEnvelope } from './error-envelope.js';
import { InvalidInputError } from '../errors/common.errors.js';
import { REQUEST_ID_HEADER } from './request-id.js';

const ANSWERS = new Map<string | undefined, [status: string, problem: string]>([
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'the request header is too long']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'the request took too long to arrive']],
]);

/** Answers what is not even HTTP, is too slow, or has too long a header: no request exists for it, so no route and no filter. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, problem] = ANSWERS.get(error.code) ?? ['400 Bad Request', 'the request is not HTTP'];
  const body = JSON.stringify(settingsEnvelope()(new InvalidInputError(problem)));
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `${REQUEST_ID_HEADER}: ${randomUUID()}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
