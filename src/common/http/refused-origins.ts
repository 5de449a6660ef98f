/** For how long an origin is not told again, in milliseconds, and how many origins are told in that time. */
const QUIET_MS = 60_000;
const MAX_ORIGINS = 100;

/** As a browser writes an origin (RFC 6454 §6.2); anything else comes from elsewhere. */
const ORIGIN = /^(null|[a-z][a-z0-9+.-]{0,30}:\/\/[A-Za-z0-9.:[\]_-]{1,255})$/;

/** Tells of origins that were refused: of each at most once a minute, and of no more than a hundred in that time. */
export class RefusedOrigins {
  private told = new Set<string>();
  private endsAt = 0;

  constructor(private readonly tell: (origin: string) => void) {}

  note(origin: string): void {
    const now = performance.now();
    if (now >= this.endsAt) {
      this.told = new Set();
      this.endsAt = now + QUIET_MS;
    }
    if (this.told.size >= MAX_ORIGINS || this.told.has(origin) || !ORIGIN.test(origin)) return;
    this.told.add(origin);
    this.tell(origin);
  }
}
