/**
 * How much an `Accept` header (RFC 9110 §12.5.1) wants a media type, from 0, not at all, to 1. The most specific range
 * decides; without the header anything goes.
 */
export function weightOf(accept: string | undefined, mediaType: string): number {
  if (accept === undefined || accept.trim() === '') return 1;
  const weights = new Map<string, number>();
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(type, q === undefined ? 1 : Number(q));
  }
  const [anyOfItsKind] = mediaType.split('/');
  return weights.get(mediaType) ?? weights.get(`${anyOfItsKind}/*`) ?? weights.get('*/*') ?? 0;
}
