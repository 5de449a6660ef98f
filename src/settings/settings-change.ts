import type { Preconditions } from '../common/concurrency/preconditions.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { ChangeKind } from '../history/operation.js';
import type { KeyPath } from './key-path.js';

/** What a change of a document brings, by its kind. What came as JSON stays its own text. */
interface Arguments extends Record<ChangeKind, object> {
  readonly replace: { readonly document: string };
  readonly merge: {
    readonly patch: string;
    /** JSON Pointers (RFC 6901) to the leaves of the patch; `null` when there are too many of them. */
    readonly leaves: readonly string[] | null;
  };
  readonly 'delete-keys': { readonly keys: readonly KeyPath[] };
  /** RFC 7396 */
  readonly 'merge-patch': { readonly patch: string };
  /** RFC 6902 */
  readonly 'json-patch': { readonly patch: string };
  readonly restore: { readonly version: string };
  readonly delete: object;
}

/** A request to change a document. */
export type SettingsChange = { [Kind in ChangeKind]: { readonly kind: Kind } & Arguments[Kind] }[ChangeKind];

/** How a change is to be made. */
export interface ChangeOptions {
  readonly preconditions: Preconditions;
  readonly origin: ChangeOrigin;
  /** Everything is checked and worked out, and nothing is stored. */
  readonly isDryRun: boolean;
  /** Of a dry run: whether to tell whom the change would touch. */
  readonly wantsImpact?: boolean;
}
