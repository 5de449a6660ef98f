import { Agent, request as httpRequest } from 'node:http';
import type { JsonObject, Reply, Request } from './document-model.js';
import { bodyOf, type Content, entityTags, type Method, methodOf } from './history.js';

/** Longer than the service waits for its database. */
const TIMEOUT_MS = 15_000;

const VERBS = {
  GET: ['GET', undefined],
  POST: ['POST', 'application/json'],
  PUT: ['PUT', 'application/json'],
  DELETE: ['DELETE', 'application/json'],
  'PATCH merge': ['PATCH', 'application/merge-patch+json'],
  'PATCH json': ['PATCH', 'application/json-patch+json'],
  'DELETE all': ['DELETE', undefined],
} as const satisfies Record<Method, readonly [string, string | undefined]>;

/**
 * What became of a request: an answer, none that says whether it took effect, or it was not even sent, or turned away
 * because there were too many.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'unknown' | 'unsent'; readonly failure: string };

export interface Target {
  readonly url: string;
  readonly path: string;
  readonly content: Content;
  readonly token: string;
  readonly requestId: string;
}

/** A reply that no request of the workload may get. */
export class UnexpectedReplyError extends Error {}

/** One client, with connections of its own that it keeps. Nothing is ever sent twice. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true });

  /** @throws UnexpectedReplyError */
  async send(request: Request, target: Target): Promise<Outcome> {
    let answer: Answer;
    try {
      answer = await this.exchange(request, target);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { kind: code === 'ECONNREFUSED' ? 'unsent' : 'unknown', failure: code ?? message };
    }
    return outcomeOf(request, answer, target);
  }

  private exchange(request: Request, { url, path, content, token, requestId }: Target): Promise<Answer> {
    const [method, contentType] = VERBS[methodOf(request)];
    const body = bodyOf(request, content);
    const { ifMatch, ifNoneMatch } = request;
    const headers = {
      authorization: `Bearer ${token}`,
      'x-request-id': requestId,
      ...(contentType && { 'content-type': contentType, 'content-length': Buffer.byteLength(body ?? '') }),
      ...(ifMatch && { 'if-match': entityTags(ifMatch) }),
      ...(ifNoneMatch && { 'if-none-match': entityTags(ifNoneMatch) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(`${url}${path}`, { method, headers, agent: this.agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            entityTag: incoming.headers.etag,
            isJudged: 'settings-violations' in incoming.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error('no answer in time')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly entityTag: string | undefined;
  /** Whether it names what policies forbid. */
  readonly isJudged: boolean;
  readonly text: string;
}

function outcomeOf(request: Request, answer: Answer, { content }: Target): Outcome {
  const { status, entityTag, isJudged, text } = answer;
  if (status >= 500) return { kind: 'unknown', failure: String(status) };
  if (status === 429) return { kind: 'unsent', failure: '429' };
  if (status === 409 || (isJudged && (status === 400 || status === 403)))
    return { kind: 'answered', reply: { status } };
  const version = /^"(\d+)-[\w-]+"$/.exec(entityTag ?? '')?.[1];
  if (version !== undefined && (status === 304 || status === 412)) {
    return { kind: 'answered', reply: { status, version: Number(version) } };
  }
  if (version === undefined || status !== 200) {
    throw new UnexpectedReplyError(`${methodOf(request)} ${bodyOf(request)}: ${status} ${entityTag} ${text}`);
  }
  const { [content]: settings } = JSON.parse(text) as Partial<Record<Content, JsonObject>>;
  return { kind: 'answered', reply: { status, version: Number(version), ...(settings && { settings }) } };
}
