/** For how long a read may wait, in seconds. */
export const MAX_WAIT_SECONDS = 60;

/**
 * For how long a caller would like to wait, in whole seconds from 1 to `MAX_WAIT_SECONDS`: the preference `wait` of the
 * header `Prefer` (RFC 7240 §4.3). A longer time is shortened. One that is malformed, or less than a second, is
 * ignored, as a server may do with any (§2). The first one counts.
 */
export function waitPreferenceOf(prefer: string | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  const [, , seconds] = /(?:^|[,;])\s*wait\s*=\s*("?)(\d{1,9})\1\s*(?:$|[,;])/i.exec(prefer) ?? [];
  const wanted = Number(seconds ?? 0);
  return wanted === 0 ? undefined : Math.min(wanted, MAX_WAIT_SECONDS);
}
