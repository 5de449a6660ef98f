import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

/** What the service says of an invitation. */
export interface ReceivedInvitation {
  readonly type: string;
  readonly id: string;
  readonly at: string;
  readonly user: { readonly id: string; readonly email: string; readonly name: string; readonly lastName: unknown };
  readonly organization: { readonly id: string; readonly name: string };
  readonly invitedBy: { readonly id: unknown; readonly email: unknown };
}

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly invitation: ReceivedInvitation;
}

/** A receiver of invitations, as a customer has one: it verifies the signature, and answers as the test says. */
export class InvitationReceiver {
  /** Whose signature holds, in the order in which they came. */
  readonly received: Received[] = [];
  /** How it answers; by default with 204. */
  answer: (response: ServerResponse, invitation: ReceivedInvitation) => void = accept;
  private ignored = new Set<string>();
  private readonly verifier = new Webhook(SECRET);
  private server: Server | undefined;
  private port = 0;

  static async start(): Promise<InvitationReceiver> {
    const receiver = new InvitationReceiver();
    await receiver.up();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/invitations?tenant=1`;
  }

  /** What configures the service for it. */
  get variables(): Record<string, string> {
    return { INVITATION_URL: this.url, INVITATION_SECRET: SECRET };
  }

  /** The ids of the users who were invited, in the order in which that came. */
  get userIds(): string[] {
    return this.received.map(({ invitation }) => invitation.user.id);
  }

  /**
   * Starts it for another test, of which it has seen nothing yet.
   *
   * @param ignored the ids of invitations of earlier tests: deliveries of them may still be on their way
   */
  async begin(ignored: readonly string[] = []): Promise<void> {
    this.ignored = new Set(ignored);
    this.received.length = 0;
    this.answer = accept;
    await this.up();
  }

  /** Starts it, at the same address as before. */
  async up(): Promise<void> {
    if (this.server?.listening === true) return;
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        const body = Buffer.concat(chunks);
        const invitation = this.verifier.verify(body, headers as Record<string, string>) as ReceivedInvitation;
        if (this.ignored.has(invitation.id)) return void response.writeHead(503).end();
        this.received.push({ method, url, headers, invitation });
        this.answer(response, invitation);
      });
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    if (this.server?.listening !== true) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

export function accept(response: ServerResponse): void {
  response.writeHead(204).end();
}
