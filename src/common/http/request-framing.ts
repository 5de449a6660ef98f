import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A host and a port as a URI spells them (RFC 3986 §3.2.2), or nothing. */
const HOST = /^[\w.~!$&'()*+,;=%[\]:-]*$/;

/**
 * What is wrong with the head of a request that Node's parser let pass; `undefined` when nothing is.
 *
 * 1. HTTP/1.1 has exactly one `Host` (RFC 9112 §3.2), and no version has several.
 * 2. `chunked` is the only transfer coding that is known (RFC 9112 §6.1): a body with another one would be taken for
 *    what it is not.
 */
export function framingProblemOf({ httpVersion, headers, rawHeaders }: IncomingMessage): string | undefined {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1) return 'there is more than one Host header';
  if (hosts === 0 && httpVersion === '1.1') return 'the Host header is missing';
  if (hosts === 1 && !HOST.test(headers.host!)) return 'the Host header is not a host';
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return 'no other Transfer-Encoding than chunked is known';
  }
  return undefined;
}

/** Whether a request has content, or may have (RFC 9112 §6.3). */
export function bringsContent(headers: IncomingHttpHeaders): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  return coding !== undefined || (length !== undefined && Number(length) > 0);
}
