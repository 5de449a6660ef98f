import type { Preconditions } from '../common/concurrency/preconditions.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { KeyPath } from './key-path.js';

/** A request to change a settings document. What came as JSON stays its own text. */
export type SettingsChange =
  | { readonly kind: 'replace'; readonly settings: string }
  | {
      readonly kind: 'merge';
      readonly patch: string;
      /** JSON Pointers (RFC 6901) to the leaves of the patch; `null` when there are too many of them. */
      readonly leaves: readonly string[] | null;
    }
  | { readonly kind: 'delete-keys'; readonly keys: readonly KeyPath[] }
  /** RFC 7396 */
  | { readonly kind: 'merge-patch'; readonly patch: string }
  /** RFC 6902 */
  | { readonly kind: 'json-patch'; readonly patch: string }
  | { readonly kind: 'restore'; readonly version: string };

/** How a change is to be made. */
export interface ChangeOptions {
  readonly preconditions: Preconditions;
  readonly origin: ChangeOrigin;
  /** Everything is checked and worked out, and nothing is stored. */
  readonly isDryRun: boolean;
}

/** How a version was made: by a change, or as the first of a history that began later than its document. */
export const VERSION_OPERATIONS = [
  'replace',
  'merge',
  'delete-keys',
  'merge-patch',
  'json-patch',
  'restore',
  'baseline',
] as const satisfies (SettingsChange['kind'] | 'baseline')[];
export type VersionOperation = (typeof VERSION_OPERATIONS)[number];
