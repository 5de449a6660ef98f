/** What is to be replaced in a text, from one position to another. */
export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/**
 * What makes one text of another: line by line where they have as many lines, so that each place between stays what it
 * is, else all from the first to the last character that differs.
 */
export function replacementOf(before: string, after: string): Replacement[] {
  const lines = before.split('\n');
  const next = after.split('\n');
  if (lines.length !== next.length) return differing(before, after, 0);
  let start = 0;
  return lines.flatMap((line, n) => {
    const at = start;
    start += line.length + 1;
    return differing(line, next[n]!, at);
  });
}

function differing(before: string, after: string, start: number): Replacement[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [{ from: start + head, to: start + before.length - tail, insert: after.slice(head, after.length - tail) }];
}
