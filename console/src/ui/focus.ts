/** Focuses the first element that matches. */
export function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** Where what had the focus is gone, gives it to `#main`: so whoever cannot see the page is not lost. */
export function catchFocus(): void {
  setTimeout(() => {
    if (document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
  });
}
