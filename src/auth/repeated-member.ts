/** A string, and the colon that makes it the name of a member. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * Whether an object in a part of a token names a member twice, which readers understand differently (RFC 7515 §4,
 * RFC 7519 §4): there are then more names in the text than members in what `JSON.parse` makes of it.
 *
 * @param part well-formed JSON in base64url
 */
export function hasRepeatedMember(part: string): boolean {
  const text = Buffer.from(part, 'base64url').toString();
  let names = 0;
  for (const [, colon] of text.matchAll(STRING)) if (colon !== undefined) names++;
  return names !== countMembers(JSON.parse(text));
}

/** @throws RangeError on a value that is nested too deep */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const values = Object.values(value);
  return values.reduce<number>((sum, inner) => sum + countMembers(inner), Array.isArray(value) ? 0 : values.length);
}
