import type { RequestOptions } from './call.js';

/**
 * The headers that stay the same at every attempt.
 *
 * @throws TypeError when `ifVersion` or `ifNotVersion` is given and no version
 */
export function requestHeaders(body: string | undefined, options: RequestOptions): Record<string, string> {
  const { ifVersion, mediaType = 'application/json', reason } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = mediaType;
  if ('ifVersion' in options) {
    headers['if-match'] = tagOf(ifVersion);
    // One id for all attempts, by which the history tells them from others. Pages without TLS have no randomUUID().
    headers['x-request-id'] = crypto.getRandomValues(new Uint32Array(4)).join('-');
  }
  if (options.ifNoneMatch) headers['if-none-match'] = options.ifNoneMatch;
  if ('ifNotVersion' in options) headers['if-none-match'] = tagOf(options.ifNotVersion);
  // Only ASCII is safe in a header; anything else is percent-encoded (RFC 8187). Two lines are left for fetch to
  // refuse.
  if (reason !== undefined) {
    const isPlain = /^(?!utf-8')[ -~]*$|[\r\n]/i.test(reason);
    headers['change-reason'] = isPlain ? reason : `UTF-8''${encodeURIComponent(reason)}`;
  }
  return headers;
}

function tagOf(version: number | undefined): string {
  if (!(Number.isSafeInteger(version) && version! >= 0)) throw new TypeError(`${version} is no version`);
  return `"${version}"`;
}
