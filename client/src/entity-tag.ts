/**
 * The version in an `ETag` such as `"7-hG3kQ0xW"`, which a proxy may have made weak; `undefined` where there is none.
 */
export function readVersion(tag = ''): number | undefined {
  const digits = /^(?:W\/)?"(\d{1,15})-[\w-]+"$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
