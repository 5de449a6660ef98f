import { UnavailableError } from '../errors/common.errors.js';

/** How long a request may take to arrive, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** How soon a body that is there has been worked on, as a rule, in milliseconds. */
const WORK_MS = 1_000;

/** What all bodies may take together, in bytes, and into how many shares it is divided. */
const MIN_BYTES = 64 * 1024 * 1024;
const SHARES = 4;

/** Memory that is set aside for one body. */
export interface Reservation {
  readonly caller: string;
  /** Whether the bytes are added as they arrive, because the length is unknown. */
  readonly isOfUnknownLength: boolean;
  bytes: number;
  endsAt: number;
}

/**
 * The memory of the bodies that arrive, wait and are worked on: so much for all, and a quarter of it at most for one
 * caller.
 */
export class BodyBudget {
  private readonly maxBytes: number;
  /** The oldest first. */
  private readonly reservations = new Set<Reservation>();
  private readonly bytesOf = new Map<string, number>();
  private bytes = 0;

  /** @param largestBody in bytes; each share holds it */
  constructor(largestBody: number) {
    this.maxBytes = Math.max(MIN_BYTES, SHARES * largestBody);
  }

  /**
   * Sets memory aside for a body, until it is released.
   *
   * @param length of the body, in bytes; if it is unknown, `extend` adds the bytes as they arrive
   * @throws UnavailableError
   */
  reserve(caller: string, length: number | undefined): Reservation {
    const endsAt = performance.now() + REQUEST_TIMEOUT_MS;
    const reservation = { caller, isOfUnknownLength: length === undefined, bytes: 0, endsAt };
    this.reservations.add(reservation);
    try {
      this.extend(reservation, length ?? 0);
    } catch (error) {
      this.release(reservation);
      throw error;
    }
    return reservation;
  }

  /** @throws UnavailableError */
  extend(reservation: Reservation, bytes: number): void {
    const { caller } = reservation;
    if (!this.reservations.has(reservation)) return;
    const ofCaller = (this.bytesOf.get(caller) ?? 0) + bytes;
    if (ofCaller > this.maxBytes / SHARES) throw this.refusal('this caller', caller);
    if (this.bytes + bytes > this.maxBytes) throw this.refusal('all callers');
    this.bytesOf.set(caller, ofCaller);
    this.bytes += bytes;
    reservation.bytes += bytes;
  }

  /** The body is there. */
  arrived(reservation: Reservation): void {
    reservation.endsAt = performance.now() + WORK_MS;
  }

  /** May be called again. */
  release(reservation: Reservation): void {
    if (!this.reservations.delete(reservation)) return;
    const { caller, bytes } = reservation;
    const rest = (this.bytesOf.get(caller) ?? 0) - bytes;
    if (rest > 0) this.bytesOf.set(caller, rest);
    else this.bytesOf.delete(caller);
    this.bytes -= bytes;
  }

  /** By then the oldest body is done with, or cut off. */
  private refusal(whose: string, caller?: string): UnavailableError {
    const oldest = [...this.reservations].find(
      (one) => one.bytes > 0 && (caller === undefined || one.caller === caller),
    );
    const seconds = Math.ceil(((oldest?.endsAt ?? 0) - performance.now()) / 1000);
    return new UnavailableError(`too many request bodies of ${whose} are under way`, Math.max(1, seconds));
  }
}
