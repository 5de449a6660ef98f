/**
 * The request target, with each percent sign that begins no valid escape (RFC 3986 §2.1) turned into a literal one.
 * The router would answer `/organization/%zz` by itself, in an envelope of its own; this way the route does, to which
 * it is an id like any other unknown one. And it would answer `*`, the server as a whole (RFC 9112 §3.2.4), past all
 * hooks; as a path it leads nowhere.
 */
export function routableUrl(url = '/'): string {
  if (url === '*') return '/*';
  if (!url.includes('%')) return url;
  try {
    decodeURIComponent(url);
    return url;
  } catch {
    return url.replaceAll('%', '%25');
  }
}
