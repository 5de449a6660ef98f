import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/**
 * The requests that came and are not answered yet.
 *
 * They are in slots that are used again, and not in a `Set`: V8 makes a new table for a set that much is deleted from,
 * and tables that are no longer used keep one another alive, and with them whole requests, until the next full
 * collection.
 */
@Injectable()
export class RunningRequests {
  private readonly slots: (FastifyReply['raw'] | undefined)[] = [];
  private readonly free: number[] = [];
  private isEnding = false;

  get count(): number {
    return this.slots.length - this.free.length;
  }

  /** @returns the slot, to be given back when the reply ended or its caller has gone */
  add({ raw }: FastifyReply): number {
    if (this.isEnding) raw.shouldKeepAlive = false;
    const slot = this.free.pop() ?? this.slots.length;
    this.slots[slot] = raw;
    return slot;
  }

  remove(slot: number): void {
    this.slots[slot] = undefined;
    this.free.push(slot);
  }

  *replies(): Iterable<FastifyReply['raw']> {
    for (const raw of this.slots) if (raw !== undefined) yield raw;
  }

  /** From now on each reply, also of those that run, says `Connection: close` (RFC 9112 §9.6). */
  endConnections(): void {
    this.isEnding = true;
    for (const raw of this.replies()) raw.shouldKeepAlive = false;
  }
}
