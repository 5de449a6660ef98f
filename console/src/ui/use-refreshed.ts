import { useEffect, useRef } from 'preact/hooks';

/** How soon it is asked again when somebody comes back, and about how often in front of somebody, in milliseconds. */
const SOON_MS = 5_000;
const SELDOM_MS = 60_000;

/**
 * Has something asked for again of which the stream tells nothing: when somebody comes back to the page, and once in a
 * while, but not by many pages at once. Not while nobody sees the page.
 */
export function useRefreshed(refresh: () => void): void {
  const newest = useRef(refresh);
  newest.current = refresh;
  useEffect(() => {
    let since = Date.now();
    let timer: ReturnType<typeof setTimeout>;
    const plan = (afterMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(run, since + afterMs - Date.now());
    };
    const run = () => {
      if (document.hidden) return;
      since = Date.now();
      newest.current();
      planSeldom();
    };
    const planSeldom = () => plan(SELDOM_MS * (0.75 + Math.random() / 2));
    const soon = () => plan(SOON_MS);
    planSeldom();
    addEventListener('focus', soon);
    document.addEventListener('visibilitychange', soon);
    return () => {
      clearTimeout(timer);
      removeEventListener('focus', soon);
      document.removeEventListener('visibilitychange', soon);
    };
  }, []);
}
