import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../common/at-most.js';
import type { Principal } from './principal.js';

/** How many tokens are remembered; each takes about 200 bytes. */
const MAX_TOKENS = 100_000;

/**
 * Tokens that were verified with keys that are still in use: the expensive part of verification is done once for each
 * of them. A token is known by its SHA-256, so none can be read here.
 */
export class VerifiedTokens {
  private readonly tokens = new LRUCache<string, { principal: Principal; until: number }>(atMost(MAX_TOKENS));

  /** Whom the token speaks for, if it was verified and has not expired. */
  recall(token: string): Principal | undefined {
    const found = this.tokens.get(digestOf(token));
    return found !== undefined && found.until > Math.floor(Date.now() / 1000) ? found.principal : undefined;
  }

  /** @param until its `exp` with the tolerance for clocks, in seconds since the epoch (RFC 7519 §4.1.4) */
  remember(token: string, principal: Principal, until: number): void {
    this.tokens.set(digestOf(token), { principal, until });
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
