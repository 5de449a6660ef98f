import type { Server } from 'node:http';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Environment } from '../config/environment.js';
import { RunningRequests } from '../observability/running-requests.js';

/**
 * The end of the service, seen from outside.
 *
 * 1. At once: it is no longer ready, and each reply asks its caller to connect anew.
 * 2. On SIGTERM, `SHUTDOWN_DELAY_MS` later: new connections are refused. Until then everything is answered as usual, so
 *    that the load balancer has time to see that this instance is not ready.
 * 3. When the requests that run are answered, the database closes and the process ends.
 */
@Injectable()
export class DrainService implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger('Shutdown');
  private hasBegun = false;

  constructor(
    private readonly running: RunningRequests,
    private readonly environment: Environment,
    private readonly host: HttpAdapterHost,
  ) {}

  get isDraining(): boolean {
    return this.hasBegun;
  }

  onModuleDestroy(): void {
    this.hasBegun = true;
    this.running.endConnections();
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    if (signal === undefined) return;
    this.logger.log(`${signal}: no longer ready, ${this.running.count} requests are running`);
    if (signal === 'SIGTERM') await sleep(this.environment.SHUTDOWN_DELAY_MS);
    await untilAllAreAccepted();
    const server = this.host.httpAdapter.getHttpServer() as Server;
    await new Promise((end) => server.close(end));
  }
}

/** A turn of the event loop that takes no longer had nothing to do, in milliseconds. */
const IDLE_TURN_MS = 0.1;

/** How long such a turn is waited for, in milliseconds. */
const PATIENCE_MS = 500;

/**
 * The operating system resets connections that wait to be accepted when a port closes, which looks like a broken one
 * and not like a refused one. So this returns right after a look at the port in which nothing else took time.
 */
async function untilAllAreAccepted(): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const start = performance.now();
    await setImmediate();
    if (performance.now() - start < IDLE_TURN_MS) return;
  }
}
