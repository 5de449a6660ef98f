import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import type { InvitationReceiver } from '../config/environment.js';
import type { ClaimedInvitation } from './invitation.repository.js';

/** How long the receiver may take to answer, in seconds. */
export const PATIENCE_SECONDS = 10;

/**
 * Posts invitations to the one address that is configured, as JSON, signed by the scheme of Standard Webhooks 1.0.
 *
 * It follows no redirect, reads nothing of the answer but its status, and checks the receiver's certificate whatever
 * NODE_TLS_REJECT_UNAUTHORIZED says.
 */
export class InvitationWebhook {
  private readonly url: URL;
  private readonly signer: Webhook;

  constructor({ url, secret }: InvitationReceiver) {
    this.url = new URL(url);
    this.signer = new Webhook(secret);
  }

  /**
   * @param signal gives the attempt up
   * @returns why it was not delivered, as a sentence; nothing if it was
   */
  post(invitation: ClaimedInvitation, signal: AbortSignal): Promise<string | undefined> {
    const body = Buffer.from(JSON.stringify(messageOf(invitation)));
    const sentAt = new Date();
    const timeout = AbortSignal.timeout(PATIENCE_SECONDS * 1000);
    const send = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve) => {
      const request = send(this.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'user-agent': 'flashback-backend',
          'webhook-id': invitation.id,
          'webhook-timestamp': Math.floor(sentAt.getTime() / 1000),
          'webhook-signature': this.signer.sign(invitation.id, sentAt, body),
        },
        agent: false,
        rejectUnauthorized: true,
        signal: AbortSignal.any([signal, timeout]),
      });
      request.on('response', (response) => {
        resolve(problemOfStatus(response.statusCode ?? 0));
        response.on('error', () => undefined).destroy();
      });
      request.on('error', ({ code }: NodeJS.ErrnoException) =>
        resolve(
          timeout.aborted
            ? `the receiver did not answer within ${PATIENCE_SECONDS} seconds`
            : `the receiver could not be reached${code === undefined ? '' : `: ${code}`}`,
        ),
      );
      request.end(body);
    });
  }
}

function problemOfStatus(status: number): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  const isRedirect = status >= 300 && status < 400;
  return `the receiver answered ${status}${isRedirect ? ', and no redirect is followed' : ''}`;
}

function messageOf(invitation: ClaimedInvitation) {
  return {
    type: 'user.invited',
    id: invitation.id,
    at: invitation.invitedAt,
    user: {
      id: invitation.userId,
      email: invitation.email,
      name: invitation.name,
      lastName: invitation.lastName,
    },
    organization: { id: invitation.organizationId, name: invitation.organizationName },
    invitedBy: { id: invitation.inviterId, email: invitation.inviterEmail },
  };
}
