import type { RequestOptions } from './call.js';

/**
 * The headers that stay the same at every attempt.
 *
 * @throws TypeError when `ifVersion` is given and no version
 */
export function requestHeaders(body: string | undefined, options: RequestOptions): Record<string, string> {
  const { ifVersion, mediaType = 'application/json', reason } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = mediaType;
  if ('ifVersion' in options) {
    if (!(Number.isSafeInteger(ifVersion) && ifVersion! >= 0)) throw new TypeError(`${ifVersion} is no version`);
    headers['if-match'] = `"${ifVersion}"`;
    // One id for all attempts, by which the history tells them from others. Pages without TLS have no randomUUID().
    headers['x-request-id'] = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-');
  }
  // Fetch takes a header as bytes, one character for each; the service reads them as UTF-8.
  if (reason !== undefined) headers['change-reason'] = String.fromCharCode(...new TextEncoder().encode(reason));
  return headers;
}
