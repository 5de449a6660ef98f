import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

interface Made {
  readonly bytes: Buffer;
  readonly entityTag: string;
}

/** Bytes that are the same for everybody: made when somebody first asks, and kept. */
export class ServedBytes {
  private made: Promise<Made> | undefined;

  /**
   * @param mediaType of the bytes, with its charset where it has one
   * @param cacheControl for how long they may be kept without asking
   */
  constructor(
    private readonly mediaType: string,
    private readonly make: () => Buffer | string | Promise<Buffer | string>,
    private readonly cacheControl = 'no-cache',
  ) {}

  /** Answers with the bytes, or with a 304 to who has them (RFC 9110 §13.1.2). */
  async send({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { bytes, entityTag } = await this.get();
    reply.header('etag', entityTag).header('cache-control', this.cacheControl);
    if (names(headers['if-none-match'], entityTag)) return reply.status(304).send();
    return reply.type(this.mediaType).send(bytes);
  }

  private get(): Promise<Made> {
    return (this.made ??= this.makeOnce().catch((error: unknown) => {
      this.made = undefined;
      throw error;
    }));
  }

  private async makeOnce(): Promise<Made> {
    const bytes = Buffer.from(await this.make());
    return { bytes, entityTag: `"${hash('sha256', bytes, 'base64url').slice(0, 16)}"` };
  }
}

/** Whether `If-None-Match` has an entity tag or `*`; the comparison is weak (RFC 9110 §8.8.3.2). */
function names(ifNoneMatch: string | undefined, entityTag: string): boolean {
  const tags = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(entityTag) || tags.includes('*');
}
