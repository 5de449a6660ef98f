import { exchange } from '../load/exchange.js';

/**
 * Sends a request, and tells what became of it.
 *
 * @param {{ method?: string, path: string, type?: string, body?: object, text?: string, headers?: object, isLeft?:
 *   boolean }} message `text` is sent as it is; `isLeft`: the reply is left when it begins
 */
export async function ask(origin, token, message) {
  const { method, path, type = 'application/json', body, text, headers, isLeft } = message;
  const start = performance.now();
  const content = text ?? (body && JSON.stringify(body));
  const answer = await exchange(origin, {
    method,
    path,
    isLeft,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(content && { 'Content-Type': type }),
      ...headers,
    },
    body: content,
  }).catch(() => ({ status: 599 }));
  return {
    status: answer.status,
    ms: performance.now() - start,
    retryAfter: Number(answer.headers?.['retry-after'] ?? 0),
  };
}
