import { useEffect, useRef } from 'preact/hooks';
import { versions } from '../session/session.js';

/** How soon it is asked again where there may be news, and how often in front of somebody, in milliseconds. */
const SOON_MS = 5_000;
const SELDOM_MS = 60_000;

/**
 * Has something asked for again of which the stream tells nothing: when somebody comes back to the page, when a
 * document got another version, and once in a while. Not while nobody sees the page.
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
      plan(SELDOM_MS);
    };
    const soon = () => plan(SOON_MS);
    const unsubscribe = versions.subscribe(soon);
    // Subscribing tells of what is known already.
    plan(SELDOM_MS);
    addEventListener('focus', soon);
    document.addEventListener('visibilitychange', soon);
    return () => {
      clearTimeout(timer);
      unsubscribe();
      removeEventListener('focus', soon);
      document.removeEventListener('visibilitychange', soon);
    };
  }, []);
}
