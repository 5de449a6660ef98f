/** Has an `LRUCache` keep so many entries, and take memory as they come: with `max` it would take all at once. */
export function atMost(entries: number) {
  return { maxSize: entries, sizeCalculation: () => 1 };
}
