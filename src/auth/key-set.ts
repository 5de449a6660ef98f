import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { createLocalJWKSet, type CryptoKey, errors, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import { VerifiedTokens } from './verified-tokens.js';

/** How long one fetch may take, its body included, in milliseconds: the longest that a request ever waits for keys. */
const FETCH_TIMEOUT_MS = 3_000;

/** The largest answer that is read, in bytes; that of a large provider has some 20 KB. */
const MAX_BYTES = 256 * 1024;

/** Between two fetches that tokens with unknown keys cause, and after one that failed, in milliseconds. */
const COOLDOWN_MS = 10_000;

/** How long keys stay in use while they cannot be fetched again, in milliseconds. */
export const MAX_STALE_MS = 24 * 3600 * 1000;

interface Keys {
  /** The set as it came, to see whether the next one is another. */
  readonly text: string;
  readonly find: (header: JWSHeaderParameters) => Promise<CryptoKey>;
  /** The tokens that these keys have verified; they are forgotten with the keys. */
  readonly verified: VerifiedTokens;
}

/**
 * The keys of an identity provider (RFC 7517), as they are at its JWKS address.
 *
 * 1. They are fetched at the start and then every `refreshMs`, in the background: a key that was withdrawn verifies
 *    nothing after that time, and no request waits for it.
 * 2. A token whose key is unknown has them fetched at once, at most every ten seconds, whatever the number of such
 *    tokens; those that come meanwhile wait for the same fetch, for three seconds at most.
 * 3. While they cannot be fetched, those that are known stay in use, for a day at most; unknown ones are not waited for
 *    more than once in ten seconds.
 *
 * jose's `createRemoteJWKSet` fetches a set that is too old while a request waits, fails that request when it cannot,
 * and has no cooldown for fetches that fail, no limit of size, and no background.
 */
export class KeySet implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(KeySet.name);
  private keys: Keys | undefined;
  private fetchedAt = -Infinity;
  private askedAt = -Infinity;
  private pending: Promise<void> | undefined;
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isAway = false;
  private isClosed = false;

  constructor(
    private readonly uri: string,
    private readonly refreshMs: number,
  ) {}

  /** Does not wait: the service starts also while the key server is away. */
  onModuleInit(): void {
    void this.refresh();
  }

  onModuleDestroy(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.controller?.abort();
  }

  /** Whether the last fetch brought keys. */
  get isUp(): boolean {
    return this.keys !== undefined && !this.isAway;
  }

  /** Whether there are keys that may be used; without them no token is verified. */
  get isUsable(): boolean {
    return this.current !== undefined;
  }

  /** What the keys in use have verified. */
  get verified(): VerifiedTokens | undefined {
    return this.current?.verified;
  }

  /**
   * The one key that fits the header's `kid`, `alg` and the key's own `kty`, `crv`, `alg`, `use` and `key_ops`.
   *
   * @returns the key, and where to remember the tokens that it verifies
   * @throws JOSEError when there is none, or when several fit a header without a `kid`
   */
  async find(header: JWSHeaderParameters): Promise<{ key: CryptoKey; verified: VerifiedTokens }> {
    try {
      return await this.findKnown(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await this.refreshForUnknown();
    return this.findKnown(header);
  }

  private get current(): Keys | undefined {
    return Date.now() - this.fetchedAt < MAX_STALE_MS ? this.keys : undefined;
  }

  private async findKnown(header: JWSHeaderParameters) {
    const keys = this.current;
    if (keys === undefined) throw new errors.JWKSNoMatchingKey();
    return { key: await keys.find(header), verified: keys.verified };
  }

  private refreshForUnknown(): Promise<void> | undefined {
    if (this.pending !== undefined || performance.now() - this.askedAt < COOLDOWN_MS) return this.pending;
    this.askedAt = performance.now();
    return this.refresh();
  }

  /** Never rejects, and never runs twice at a time: the timer is stopped while it runs. */
  private refresh(): Promise<void> {
    return (this.pending = this.load().finally(() => (this.pending = undefined)));
  }

  private async load(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const text = await this.fetchText();
      if (text !== this.keys?.text) this.keys = keysOf(text);
      this.fetchedAt = Date.now();
      if (this.isAway) this.logger.log(`The keys at ${this.uri} can be fetched again`);
      this.isAway = false;
    } catch (error) {
      if (!this.isAway && !this.isClosed) {
        const known = this.current === undefined ? 'no token can be verified' : 'those known stay in use';
        this.logger.warn(`The keys at ${this.uri} cannot be fetched, ${known}: ${reasonOf(error)}`);
      }
      this.isAway = true;
    }
    if (this.isClosed) return;
    const delay = this.isAway ? Math.min(COOLDOWN_MS, this.refreshMs) : this.refreshMs;
    this.timer = setTimeout(() => void this.refresh(), delay).unref();
  }

  private async fetchText(): Promise<string> {
    const controller = (this.controller = new AbortController());
    const tooLate = new Error(`no answer within ${FETCH_TIMEOUT_MS} ms`);
    const timer = setTimeout(() => controller.abort(tooLate), FETCH_TIMEOUT_MS);
    try {
      const answer = await fetch(this.uri, {
        signal: controller.signal,
        // Only the operator says where the keys are.
        redirect: 'error',
        headers: { accept: 'application/jwk-set+json, application/json' },
      });
      if (answer.status !== 200) throw new Error(`the status is ${answer.status}`);
      return await textOf(answer);
    } finally {
      clearTimeout(timer);
      // Cancels a body that was not read to its end; after the last byte it does nothing.
      controller.abort();
    }
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The two names of one algorithm (RFC 9864 §2.2): a key of one is also for tokens of the other. */
const OTHER_NAME: Partial<Record<string, string>> = { EdDSA: 'Ed25519', Ed25519: 'EdDSA' };

/** @throws JWKSInvalid, SyntaxError */
function keysOf(text: string): Keys {
  const find = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  return { text, find: (header) => findByEitherName(find, header), verified: new VerifiedTokens() };
}

async function findByEitherName(
  find: (header: JWSHeaderParameters) => Promise<CryptoKey>,
  header: JWSHeaderParameters,
): Promise<CryptoKey> {
  try {
    return await find(header);
  } catch (error) {
    const alg = OTHER_NAME[header.alg ?? ''];
    if (alg === undefined || !(error instanceof errors.JWKSNoMatchingKey)) throw error;
    return find({ ...header, alg });
  }
}

/** What `fetch` hides in a cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
