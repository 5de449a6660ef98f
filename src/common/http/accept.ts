/**
 * Whether an `Accept` header (RFC 9110 §12.5.1) lets a reply be `text/event-stream`. The most specific range decides;
 * without the header anything goes.
 */
export function acceptsEventStream(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const weights = new Map<string, number>();
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(type, q === undefined ? 1 : Number(q));
  }
  const weight = weights.get('text/event-stream') ?? weights.get('text/*') ?? weights.get('*/*') ?? 0;
  return weight > 0;
}
