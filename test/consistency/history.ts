import type { Reply, Request } from './document-model.js';
import type { Operation } from './linearizability.js';

/** What requests and replies call the content of a document. */
export type Content = 'settings' | 'policy';

/** One request as its client saw it. */
export interface Entry extends Operation<Request, Reply> {
  /** The `X-Request-Id` that it was sent with. */
  readonly id: string;
  /** The document's name. */
  readonly document: string;
  readonly client: number;
  readonly instance: number;
  /** Milliseconds since the run began. */
  readonly calledAt: number;
  readonly returnedAt: number;
  /** Why there is no answer that says something of the document. */
  readonly failure?: string;
  /** It never left the client: nobody listened. */
  readonly isUnsent?: boolean;
}

/** What the checker is to see: what was not sent did not happen. */
export function sentTo(document: string, entries: readonly Entry[]): Entry[] {
  return entries.filter((entry) => entry.document === document && entry.isUnsent !== true);
}

/** The history up to one moment; what had not returned then has no answer yet. */
export function until(moment: number, entries: readonly Entry[]): Entry[] {
  return entries
    .filter(({ called }) => called <= moment)
    .map((entry) => (entry.returned <= moment ? entry : { ...entry, returned: Infinity, output: undefined }));
}

const METHODS = {
  read: 'GET',
  replace: 'POST',
  merge: 'PUT',
  'delete-keys': 'DELETE',
  'merge-patch': 'PATCH merge',
  'json-patch': 'PATCH json',
  delete: 'DELETE all',
} as const satisfies Record<Request['kind'], string>;

export type Method = (typeof METHODS)[Request['kind']];

export function methodOf({ kind }: Request): Method {
  return METHODS[kind];
}

/** `200`, `412`, or why there is no answer. */
export function outcomeOf({ output, failure }: Entry): string {
  return output === undefined ? (failure ?? 'no answer yet') : String(output.status);
}

/** One line a human reads. */
export function describeEntry(entry: Entry): string {
  const { input, output, client, instance, calledAt, returnedAt } = entry;
  const time = `${seconds(calledAt)}–${seconds(returnedAt)} s`;
  const answer = output === undefined ? outcomeOf(entry) : describeReply(output);
  return `${time}  client ${client} → instance ${instance}  ${describeRequest(input)}  ⇒  ${answer}`;
}

export function describeReply(reply: Reply): string {
  if (!('version' in reply)) return String(reply.status);
  const settings = 'settings' in reply ? ` ${JSON.stringify(reply.settings)}` : '';
  return `${reply.status} version ${reply.version}${settings}`;
}

function describeRequest(request: Request): string {
  const { ifMatch, ifNoneMatch } = request;
  const parts = [methodOf(request), bodyOf(request)];
  if (ifMatch !== undefined) parts.push(`If-Match: ${entityTags(ifMatch)}`);
  if (ifNoneMatch !== undefined) parts.push(`If-None-Match: ${entityTags(ifNoneMatch)}`);
  return parts.filter((part) => part !== undefined).join(' ');
}

/** The body, as it is sent to a document that is called so. */
export function bodyOf(request: Request, content: Content = 'settings'): string | undefined {
  switch (request.kind) {
    case 'read':
    case 'delete':
      return undefined;
    case 'replace':
      return JSON.stringify({ [content]: request.settings });
    case 'delete-keys':
      return JSON.stringify({ keys: request.keys });
    case 'merge':
    case 'merge-patch':
    case 'json-patch':
      return JSON.stringify(request.patch);
  }
}

/** The header, as it is sent. */
export function entityTags(versions: readonly number[] | '*'): string {
  return versions === '*' ? '*' : versions.map((version) => `"${version}"`).join(', ');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
