/** As much of a long text as is read at a glance. */
const LENGTH = 300;

/** How much stands before what is to be looked at. */
const BEFORE = 100;

/** Where two texts differ first; the beginning where they do not, or there is no other. */
export function differenceOf(text: string, other = text): number {
  if (text === other) return 0;
  let n = 0;
  while (n < text.length && text[n] === other[n]) n++;
  return n;
}

/** The part of a text around a place, with an ellipsis wherever something is left out. */
export function excerptOf(text: string, at: number): string {
  if (text.length <= LENGTH) return text;
  const begin = Math.max(0, Math.min(at, text.length) - BEFORE);
  const end = begin + LENGTH;
  // Half of a character is none.
  const part = text.slice(begin, end).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
  return `${begin > 0 ? '…' : ''}${part}${end < text.length ? '…' : ''}`;
}
