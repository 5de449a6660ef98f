/** How long an origin is not reported again, in milliseconds, and how many origins are reported in that time. */
const QUIET_MS = 60_000;
const MAX_ORIGINS = 100;

/** As a browser writes an origin (RFC 6454 §6.2); anything else comes from elsewhere. */
const ORIGIN = /^(null|[a-z][a-z0-9+.-]{0,30}:\/\/[A-Za-z0-9.:[\]_-]{1,255})$/;

/** Reports origins that were refused: each at most once a minute, and no more than a hundred in that time. */
export class RefusedOrigins {
  /** Until when each is not told again, on the clock of `performance.now()`; the first to end comes first. */
  private readonly quietUntil = new Map<string, number>();

  constructor(private readonly tell: (origin: string) => void) {}

  note(origin: string): void {
    const now = performance.now();
    for (const [known, end] of this.quietUntil) {
      if (end > now) break;
      this.quietUntil.delete(known);
    }
    if (this.quietUntil.size >= MAX_ORIGINS || this.quietUntil.has(origin) || !ORIGIN.test(origin)) return;
    this.quietUntil.set(origin, now + QUIET_MS);
    this.tell(origin);
  }
}
