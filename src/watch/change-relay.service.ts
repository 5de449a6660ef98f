import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { ChangeFeed, type DocumentVersion, WATCHED_DOCUMENTS } from '../history/change-feed.js';
import { WatchPollerService } from './watch-poller.service.js';

const CHANNEL = 'flashback:changes';

const RETRY_MS = 1_000;

/** How often it is said that Redis is away. */
const WARNING_PAUSE_MS = 60_000;

/**
 * Where `REDIS_URL` names a Redis, tells other instances which documents were changed here, and has the database asked
 * for those that were changed there. A message is only a hint to look into the database, and is never trusted; so a
 * lost one costs time, and a wrong one costs a look.
 */
@Injectable()
export class ChangeRelayService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Watch');
  private readonly instance = randomUUID();
  private connections: Redis[] = [];
  private warnedAt = -Infinity;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly poller: WatchPollerService,
    private readonly environment: Environment,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { REDIS_URL: url } = this.environment;
    if (url === undefined) return;
    const { Redis } = await import('ioredis');
    const connect = () => {
      const redis = new Redis(url, {
        enableOfflineQueue: false,
        autoResubscribe: false,
        maxRetriesPerRequest: 0,
        enableAutoPipelining: true,
        retryStrategy: () => RETRY_MS,
      });
      redis.on('error', (error) => this.warn(error));
      this.connections.push(redis);
      return redis;
    };
    this.publishBy(connect());
    // A connection that subscribes can do nothing else.
    this.listenBy(connect());
  }

  onApplicationShutdown(): void {
    for (const redis of this.connections) redis.disconnect();
  }

  private publishBy(redis: Redis): void {
    this.feed.subscribe(({ document, ownerId }) => {
      if (redis.status !== 'ready') return;
      redis.publish(CHANNEL, `${this.instance} ${document} ${ownerId}`).catch((error: unknown) => this.warn(error));
    });
  }

  private listenBy(redis: Redis): void {
    redis.on('ready', () => {
      redis.subscribe(CHANNEL).then(
        () => this.poller.setHinted(true),
        (error: unknown) => this.warn(error),
      );
    });
    redis.on('close', () => this.poller.setHinted(false));
    redis.on('message', (_channel: string, message: string) => {
      const changed = readMessage(message);
      if (changed !== undefined && changed.instance !== this.instance) this.poller.hint(changed);
    });
  }

  private warn(error: unknown): void {
    if (performance.now() - this.warnedAt < WARNING_PAUSE_MS) return;
    this.warnedAt = performance.now();
    this.logger.warn(`Redis is away, so changes of other instances are seen later: ${messageOf(error)}`);
  }
}

/** `undefined` for anything that is not a message of ours. The id of a user may have spaces. */
function readMessage(message: string): (Omit<DocumentVersion, 'version'> & { instance: string }) | undefined {
  const [, instance = '', name = '', ownerId = ''] = /^(\S+) (\S+) (.+)$/s.exec(message) ?? [];
  const document = WATCHED_DOCUMENTS.find((one) => one === name);
  return document && { instance, document, ownerId };
}
