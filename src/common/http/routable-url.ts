/**
 * The request target, with each percent sign that begins no valid escape (RFC 3986 §2.1) turned into a literal one.
 * The router would answer `/organization/%zz` by itself, in an envelope of its own; this way the route does, to which
 * it is an id like any other unknown one.
 */
export function routableUrl(url = '/'): string {
  if (!url.includes('%')) return url;
  try {
    decodeURIComponent(url);
    return url;
  } catch {
    return url.replaceAll('%', '%25');
  }
}
