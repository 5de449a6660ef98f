import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** The requests that came and are not answered yet. */
@Injectable()
export class RunningRequests {
  private readonly replies = new Set<FastifyReply['raw']>();
  private isEnding = false;

  get count(): number {
    return this.replies.size;
  }

  add({ raw }: FastifyReply): void {
    if (this.isEnding) raw.shouldKeepAlive = false;
    this.replies.add(raw);
    raw.on('close', () => this.replies.delete(raw));
  }

  /** From now on each reply, also of those that run, says `Connection: close` (RFC 9112 §9.6). */
  endConnections(): void {
    this.isEnding = true;
    for (const raw of this.replies) raw.shouldKeepAlive = false;
  }
}
