export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @typedef {{ median: number, min: number, max: number }} Spread */

/** @returns {Spread} */
export function spreadOf(numbers) {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}

/**
 * Where the median of what the numbers are a sample of lies, with 95 % confidence: an interval of order statistics,
 * which asks nothing of how they are distributed.
 *
 * @returns {{ median: number, low: number, high: number }}
 */
export function medianInterval(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const below = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2));
  return { median: median(numbers), low: sorted[below], high: sorted[sorted.length - 1 - below] };
}

/** The value of sorted numbers that a share of them does not exceed. */
export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function sumOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}
