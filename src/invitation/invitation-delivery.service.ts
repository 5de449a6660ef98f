import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { Metrics } from '../observability/metrics.js';
import { type ClaimedInvitation, type Ending, InvitationRepository } from './invitation.repository.js';
import type { InvitationWebhook } from './invitation-webhook.js';

/** How many deliveries run at a time, and of one organization. */
const MAX_RUNNING = 8;
const MAX_RUNNING_OF_ORGANIZATION = 4;

/**
 * How long nobody else delivers an invitation that is being delivered here, in seconds: longer than an attempt may
 * take.
 */
const LEASE_SECONDS = 30;

/** After how long it is looked again for invitations when there were none, in milliseconds. */
const PAUSE_MS = 1_000;

/** How long deliveries that run may go on at the end of the service, in milliseconds. */
const GRACE_MS = 3_000;

/** The time to the second attempt, and the longest one between two, in seconds. Each time is four times the last. */
const FIRST_DELAY_SECONDS = 5;
const MAX_DELAY_SECONDS = 3_600;

type Outcome = 'delivered' | 'retried' | 'failed' | 'dropped';

/**
 * Delivers invitations at least once to the receiver that is configured.
 *
 * 1. Only the database knows which ones wait, and until when. Each instance looks there, and takes those that no other
 *    one has taken; those of a lost instance are taken again when their lease ends.
 * 2. Organizations take turns, and have a share each of what runs at a time.
 * 3. What fails is tried again for a day, at longer and longer intervals.
 * 4. At the end of the service nothing more begins, and what does not end soon is given back.
 */
@Injectable()
export class InvitationDeliveryService implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger('Invitations');
  private readonly stop = new AbortController();
  private readonly cutOff = new AbortController();
  /** Whose each delivery is. */
  private readonly running = new Map<Promise<void>, string>();
  private work: Promise<void> | undefined;
  private count: ((outcome: Outcome) => void) | undefined;
  private isFailing = false;

  constructor(
    private readonly invitations: InvitationRepository,
    private readonly metrics: Metrics,
    private readonly environment: Environment,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { invitationReceiver } = this.environment;
    if (invitationReceiver === undefined) {
      this.logger.log('No invitations leave: INVITATION_URL is not set');
      return;
    }
    this.measure();
    const { InvitationWebhook } = await import('./invitation-webhook.js');
    this.work = this.run(new InvitationWebhook(invitationReceiver));
  }

  onModuleDestroy(): void {
    this.stop.abort();
    setTimeout(() => this.cutOff.abort(), GRACE_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.work;
    await Promise.all(this.running.keys());
  }

  private measure(): void {
    this.count = this.metrics.countByKind<Outcome>(
      'invitation_deliveries_total',
      'Attempts to deliver invitations, and invitations that were given up, by outcome.',
      'outcome',
      ['delivered', 'retried', 'failed', 'dropped'],
    );
    const read = async () => {
      try {
        return await this.invitations.readQueue();
      } catch {
        return { waiting: NaN, oldestSeconds: NaN };
      }
    };
    this.metrics.gauge(
      'invitations_waiting',
      'Invitations that are not delivered yet.',
      async () => (await read()).waiting,
    );
    this.metrics.gauge(
      'invitations_oldest_waiting_seconds',
      'The age of the oldest of them.',
      async () => (await read()).oldestSeconds,
    );
  }

  private async run(webhook: InvitationWebhook): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      const mayBeMore = await this.deliverDue(webhook);
      // Instances that start together do not look together.
      if (!mayBeMore) await sleep(PAUSE_MS * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether there may be more */
  private async deliverDue(webhook: InvitationWebhook): Promise<boolean> {
    try {
      while (this.running.size >= MAX_RUNNING) await Promise.race(this.running.keys());
      const free = MAX_RUNNING - this.running.size;
      const due = await this.invitations.findDue(free, [...this.running.values()], MAX_RUNNING_OF_ORGANIZATION);
      for (const key of due) {
        if (this.stop.signal.aborted) return false;
        const claim = await this.invitations.claim(key, LEASE_SECONDS);
        if (claim.status === 'claimed') this.start(webhook, claim);
        else if (claim.status !== 'held') this.count?.(claim.status);
        if (claim.status === 'failed') {
          this.logger.warn(`Invitation ${key.id} failed for good: "admin list-invitations" shows why`);
        }
      }
      this.isFailing = false;
      return due.length > 0;
    } catch (error) {
      if (!this.isFailing) this.logger.warn(`Invitations cannot be looked for: ${messageOf(error)}`);
      this.isFailing = true;
      return false;
    }
  }

  private start(webhook: InvitationWebhook, invitation: ClaimedInvitation): void {
    const delivery = this.deliver(webhook, invitation).finally(() => this.running.delete(delivery));
    this.running.set(delivery, invitation.organizationId);
  }

  private async deliver(webhook: InvitationWebhook, invitation: ClaimedInvitation): Promise<void> {
    const problem = await webhook.post(invitation, this.cutOff.signal);
    const isCutOff = problem !== undefined && this.cutOff.signal.aborted;
    if (problem === undefined) this.count?.('delivered');
    else if (!isCutOff) this.count?.('retried');
    const ending: Ending =
      problem === undefined
        ? { isDelivered: true }
        : isCutOff
          ? { isDelivered: false, error: null, delaySeconds: 0 }
          : { isDelivered: false, error: problem, delaySeconds: delaySecondsAfter(invitation.attempts) };
    try {
      await this.invitations.settle(invitation, ending);
    } catch (error) {
      this.logger.warn(`Invitation ${invitation.id} will be delivered again: ${messageOf(error)}`);
    }
  }
}

/** Varies the delay by half in either direction, so that deliveries that failed together do not come back together. */
function delaySecondsAfter(attempts: number): number {
  return Math.min(FIRST_DELAY_SECONDS * 4 ** (attempts - 1), MAX_DELAY_SECONDS) * (0.5 + Math.random());
}
