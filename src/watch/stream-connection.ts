import type { ServerResponse } from 'node:http';
import { entityTagOf } from '../common/concurrency/preconditions.js';
import type { DocumentVersion, WatchedDocument } from '../history/change-feed.js';
import { idOf } from './stream-position.js';
import { isNewer, kindOf, type Source } from './watched-versions.js';
import type { StreamSubject } from './watch-rights.service.js';

/** After how long a watcher whose connection broke comes back, in milliseconds. */
const RETRY_MS = 2_000;

/** How much may wait for a watcher of all organizations who does not read; then the connection is cut off. */
const MAX_PENDING = 10_000;

/** Why a stream ended that is not to be opened again with the same token. */
export type EndReason = 'forbidden' | 'moved' | 'token-expired';

interface Pending {
  readonly version: DocumentVersion;
  readonly source: Source;
  /** Since when the version exists, on the clock of `performance.now()`. */
  readonly since: number;
}

/** What a watcher was told, and for how long the version had been there, in milliseconds. */
export type Told = (source: Source, ageMs: number) => void;

/**
 * One watcher's connection, in the format of server-sent events (WHATWG HTML §9.2).
 *
 * Only one version of each document waits for a watcher who does not read. Nothing is written before the last write has
 * left, so that a connection that takes nothing is noticed.
 */
export class StreamConnection {
  /** What the watcher was told; this is not kept for watchers of all organizations. */
  private readonly versions: Partial<Record<WatchedDocument, string>> = {};
  private readonly pending = new Map<string, Pending>();
  private isWriting = false;
  private isReady = false;
  /** Only for all organizations: up to when changes were told. */
  timeMs = 0;

  constructor(
    readonly subject: StreamSubject,
    private readonly raw: ServerResponse,
    /** Called when there may be something to write. */
    private readonly wake: (connection: StreamConnection) => void,
  ) {}

  get isOfAll(): boolean {
    return this.subject.organizationId === 'all';
  }

  get isOpen(): boolean {
    return !this.raw.writableEnded && !this.raw.destroyed;
  }

  get canTell(): boolean {
    return this.isReady && !this.isWriting && this.pending.size > 0 && this.isOpen;
  }

  get hasPending(): boolean {
    return this.pending.size > 0;
  }

  /** Takes what the watcher knows already. */
  know(document: WatchedDocument, version: string): void {
    this.versions[document] = version;
    const waiting = this.pending.get(document);
    if (waiting !== undefined && !isNewer(waiting.version.version, version)) this.pending.delete(document);
  }

  /** Takes a version that the watcher is to be told, unless it is not newer than what they know. */
  note(version: DocumentVersion, source: Source, ageMs: number): void {
    const { document, ownerId } = version;
    if (!this.subject.documents.includes(document)) return;
    const known = this.isOfAll ? undefined : this.versions[document];
    if (known !== undefined && !isNewer(version.version, known)) return;
    const key = this.isOfAll ? `${document} ${ownerId}` : document;
    const waiting = this.pending.get(key);
    if (waiting !== undefined && !isNewer(version.version, waiting.version.version)) return;
    this.pending.set(key, { version, source, since: performance.now() - ageMs });
    if (this.pending.size > MAX_PENDING) this.cutOff();
    else this.wake(this);
  }

  /** Tells the versions as they are now. @param data JSON */
  ready(data: string): void {
    this.isReady = true;
    this.write(`retry: ${RETRY_MS}\nevent: ready\nid: ${this.id}\ndata: ${data}\n\n`);
  }

  /** Tells what waits. */
  tell(told: Told): void {
    let text = '';
    for (const { version, source, since } of this.pending.values()) {
      if (!this.isOfAll) this.versions[version.document] = version.version;
      text += `event: change\nid: ${this.id}\ndata: ${dataOf(version)}\n\n`;
      told(source, performance.now() - since);
    }
    this.pending.clear();
    this.write(text);
  }

  /**
   * A comment, so that proxies know that the connection is in use; for all organizations it also says how far they are.
   */
  beat(): void {
    if (this.isReady && !this.isWriting && this.isOpen) this.write(this.isOfAll ? `:\nid: ${this.id}\n\n` : ':\n\n');
  }

  /** Ends the stream for good. */
  end(reason: EndReason): void {
    this.close(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }

  /** Ends the stream, whose watcher is to come back after a while, in milliseconds. */
  leave(retryMs: number): void {
    this.close(`retry: ${retryMs}\n\n`);
  }

  cutOff(): void {
    this.raw.socket?.resetAndDestroy();
  }

  private get id(): string {
    const { organizationId } = this.subject;
    return idOf(this.isOfAll ? { timeMs: this.timeMs } : { organizationId, versions: this.versions });
  }

  private write(text: string): void {
    // It may have ended while its versions were looked for.
    if (!this.isOpen) return;
    this.isWriting = true;
    this.raw.write(text, () => {
      this.isWriting = false;
      if (this.pending.size > 0) this.wake(this);
    });
  }

  private close(text: string): void {
    if (!this.isOpen) return;
    this.pending.clear();
    const { socket } = this.raw;
    this.raw.end(text, () => socket?.end());
  }
}

/** Thousands may be told of the same version. */
const texts = new WeakMap<DocumentVersion, string>();

/** What a watcher is told of a version, as JSON. */
function dataOf(told: DocumentVersion): string {
  let text = texts.get(told);
  if (text === undefined) {
    const { document, ownerId, version } = told;
    const organization = kindOf(document) === 'organization' && { organizationId: ownerId };
    text = JSON.stringify({ document, ...organization, version, etag: entityTagOf(ownerId, version) });
    texts.set(told, text);
  }
  return text;
}
