/** Focuses the first element that matches. */
export function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/**
 * Where what had the focus is gone, gives it back to what had it before or, if that is gone as well, to `#main`: so
 * whoever cannot see the page is not lost.
 */
export function catchFocus(before?: HTMLElement): void {
  setTimeout(() => {
    if (document.activeElement !== document.body) return;
    const heir = before?.isConnected ? before : document.querySelector<HTMLElement>('#main');
    heir?.focus({ preventScroll: true });
  });
}
