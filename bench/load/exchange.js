import { request } from 'node:http';

const PATIENCE_MS = 10_000;

/**
 * Sends one request and reads its answer.
 *
 * @param {string} origin
 * @param {{ method?: string, path: string, headers?: Record<string, string>, body?: string, isLeft?:
 *   boolean, agent?: import('node:http').Agent }} message `isLeft`: the connection is closed when the answer begins
 * @returns {Promise<{ status: number, headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
export function exchange(origin, { method = 'GET', path, headers = {}, body = '', isLeft = false, agent }) {
  return new Promise((resolve, reject) => {
    const length = body === '' ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const sent = request(origin + path, { method, agent, headers: { ...headers, ...length }, timeout: PATIENCE_MS });
    sent.on('response', (response) => {
      if (isLeft) {
        response.on('error', () => {});
        sent.destroy();
        resolve({ status: response.statusCode, headers: response.headers, body: '' });
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`an answer took more than ${PATIENCE_MS} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
