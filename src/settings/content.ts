import type { Environment } from '../config/environment.js';

/** What a document holds, as the member of requests and replies is named that has it. */
export type Content = 'settings' | 'policy';

export interface SizeLimits {
  /** A document that would be longer is not stored, in bytes of its text. */
  readonly bytes: number;
  /** How deep a document may nest, itself being level 1. */
  readonly depth: number;
}

/** A policy holds schemas, which nest more than what they describe. */
const POLICY_LIMITS: SizeLimits = { bytes: 128 * 1024, depth: 100 };

export function sizeLimitsOf(content: Content, environment: Environment): SizeLimits {
  if (content === 'policy') return POLICY_LIMITS;
  return { bytes: environment.SETTINGS_MAX_BYTES, depth: environment.SETTINGS_MAX_DEPTH };
}
