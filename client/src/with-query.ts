/** A path with those parameters that are given. */
export function withQuery(path: string, query: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&');
  return text ? `${path}?${text}` : path;
}

/** A time as a query has it. */
export function timeText(at: Date | string | undefined): string | undefined {
  return typeof at === 'object' ? at.toISOString() : at;
}
