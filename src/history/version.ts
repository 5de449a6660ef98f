import type { Operation } from './operation.js';

/** What is kept of a version beside its document. */
export interface KeptVersion<How extends Operation> {
  readonly version: string;
  /** RFC 3339, in UTC and to the millisecond. */
  readonly at: string;
  readonly operation: How;
  readonly actorId: string | null;
  /** JSON Pointers (RFC 6901) to what the change touched: the first 100, of each the first 300 characters. */
  readonly paths: string[];
  readonly requestId: string | null;
  readonly reason: string | null;
}

/**
 * Who made a change; both `null` when it was an operator, or somebody who was erased. A service account has no email.
 */
export interface Actor {
  readonly id: string | null;
  readonly email: string | null;
}

/** A version as its readers see it. */
export interface ShownVersion<How extends Operation> {
  readonly version: number;
  readonly at: string;
  readonly operation: How;
  readonly actor: Actor;
  readonly paths: string[];
  readonly requestId: string | null;
  readonly reason: string | null;
}

export interface VersionPage<How extends Operation> {
  readonly versions: ShownVersion<How>[];
  /** The `before` of the versions that follow; `null` when there are none. */
  readonly next: number | null;
}

/** Finds users by their ids; those that there are. */
type FindUsers = (ids: readonly (string | null)[]) => Promise<ReadonlyMap<string | null, { readonly email: string }>>;

/**
 * A page of versions.
 *
 * @param found one more than the page shows, if there are more
 */
export async function pageOf<How extends Operation>(
  found: readonly KeptVersion<How>[],
  limit: number,
  findUsers: FindUsers,
): Promise<VersionPage<How>> {
  const kept = found.slice(0, limit);
  const users = await findUsers(kept.map(({ actorId }) => actorId));
  const versions = kept.map(({ version, at, operation, actorId, paths, requestId, reason }) => ({
    version: Number(version),
    at,
    operation,
    actor: { id: actorId, email: users.get(actorId)?.email ?? null },
    paths,
    requestId,
    reason,
  }));
  return { versions, next: found.length > limit ? versions.at(-1)!.version : null };
}
