import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TimedQueue, type QueueEntry } from './timed-queue.js';

/** How many bytes a body has at least that takes a millisecond or more to read. */
const LARGE_BYTES = 32 * 1024;

/** How many of a caller's may wait. */
const MAX_WAITING = 32;

/** A caller's next large body is read after so many times as long as it took to read the last one. */
const PAUSE_FACTOR = 3;

interface WaitingBody extends QueueEntry {
  readonly read: (isAllowed: true) => void;
}

/**
 * Has large bodies read one at a time, with a round of everybody's other work between two of them: a process has one
 * thread, and reading a megabyte keeps it for tens of milliseconds. Callers take turns, and one caller's bodies take a
 * quarter of the thread's time at most. It is the last guard: then come the pipes, which read the body.
 */
@Injectable()
export class LargeBodyGuard implements CanActivate {
  private readonly queue = new TimedQueue<WaitingBody>(MAX_WAITING, { busy: 'too many large request bodies wait' });
  private readonly pausing = new Set<string>();
  private isReading = false;

  /** @throws UnavailableError when too many bodies of the caller wait, also as the promise's rejection */
  canActivate(context: ExecutionContext): true | Promise<true> {
    const { body, user, since } = context.switchToHttp().getRequest<FastifyRequest & { user?: { userId: string } }>();
    if (user === undefined || !Buffer.isBuffer(body) || body.length < LARGE_BYTES) return true;
    return new Promise((read, reject) => {
      const { userId } = user;
      this.queue.push({ ownerId: userId, callerId: userId, since, read, reject });
      this.readNext();
    });
  }

  private readNext(): void {
    if (this.isReading) return;
    const [next] = this.queue.take(1, ({ callerId }) => !this.pausing.has(callerId));
    if (next === undefined) return;
    this.isReading = true;
    this.pausing.add(next.callerId);
    let start = 0;
    // Nothing comes between the two but what the first one leads to, up to the end of the pipes.
    setImmediate(() => {
      start = performance.now();
      next.read(true);
    });
    setImmediate(() => {
      this.isReading = false;
      setTimeout(() => this.resume(next.callerId), PAUSE_FACTOR * (performance.now() - start)).unref();
      this.readNext();
    });
  }

  private resume(callerId: string): void {
    this.pausing.delete(callerId);
    this.readNext();
  }
}
