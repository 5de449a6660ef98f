import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<Value> {
  readonly value?: Value;
  readonly error?: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * What a request yields, anew when a dependency is another one. A reply that comes too late counts for nothing. When it
 * is loaded again and that fails, what was there stays.
 */
export function useLoaded<Value>(load: () => Promise<Value>, dependencies: readonly unknown[]): Loaded<Value> {
  const [state, setState] = useState<Omit<Loaded<Value>, 'reload'>>({ isLoading: true });
  const [round, setRound] = useState(0);
  const loaded = useRef(round);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    let isCurrent = true;
    const isAgain = loaded.current !== round;
    loaded.current = round;
    setState(({ value }) => ({ ...(value !== undefined && { value }), isLoading: true }));
    load().then(
      (value) => isCurrent && setState({ value, isLoading: false }),
      (error: unknown) =>
        isCurrent &&
        setState(({ value }) => ({ ...(isAgain && value !== undefined && { value }), error, isLoading: false })),
    );
    return () => {
      isCurrent = false;
    };
  }, [...dependencies, round]);
  return { ...state, reload };
}
