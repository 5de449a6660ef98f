/** Visible ASCII with blanks inside, which nobody takes for an encoded text. */
const PLAIN = /^(?!utf-8')[!-~]([ -~]*[!-~])?$/i;

/** A text as a header can carry it: as it is, or else percent-encoded behind `UTF-8''` (RFC 8187 §3.2.1). */
export function headerText(text: string): string {
  return PLAIN.test(text) ? text : `UTF-8''${encodeURIComponent(text)}`;
}
