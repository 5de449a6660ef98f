/**
 * A table in Markdown, its columns as wide as their widest cell; the first is text, all others are numbers.
 *
 * @param {string[][]} rows the first one is the head
 */
export function tableOf([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const aligned = (row) =>
    line(row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))));
  const rule = line(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [aligned(head), rule, ...rows.map(aligned)].join('\n');
}

/** A number with so many digits behind the point; what could not be measured is a dash. */
export function fixed(number, digits) {
  if (number === Infinity) return '∞';
  return Number.isFinite(number) ? number.toFixed(digits) : '–';
}

/** A whole number with commas. */
export function whole(number) {
  return Number.isFinite(number) ? Math.round(number).toLocaleString('en-US') : '–';
}

/** @param {import('../statistics.js').Spread | undefined} spread */
export function ratioOf(spread) {
  if (spread === undefined) return '–';
  return `${fixed(spread.median, 2)} (${fixed(spread.min, 2)}–${fixed(spread.max, 2)})`;
}
