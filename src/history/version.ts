import { entityTagOf } from '../common/concurrency/preconditions.js';
import { PreconditionFailedError } from '../common/errors/common.errors.js';
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
  /** Whether its content is gone: who made it, when, why and where stays. */
  readonly thinned: boolean;
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
  readonly thinned?: true;
}

export interface VersionPage<How extends Operation> {
  readonly versions: ShownVersion<How>[];
  /** The `before` of the versions that follow; `null` when there are none. */
  readonly next: number | null;
}

/** A change found another version than it allows; who made that one and when, if the caller may know. */
export interface PreconditionFailed {
  readonly status: 'precondition-failed';
  readonly version: string;
  readonly author: string | null;
  readonly at: string | null;
}

/** The error for a change that found another version than it allows. */
export function preconditionFailedError(ownerId: string, failed: PreconditionFailed): PreconditionFailedError {
  const { version, author: actorId, at } = failed;
  return new PreconditionFailedError(entityTagOf(ownerId, version), at === null ? undefined : { actorId, at });
}

/** Finds users by their ids; unknown ids are left out. */
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
  const versions = kept.map(({ version, at, operation, actorId, paths, requestId, reason, thinned }) => ({
    version: Number(version),
    at,
    operation,
    actor: { id: actorId, email: users.get(actorId)?.email ?? null },
    paths,
    requestId,
    reason,
    ...(thinned && { thinned }),
  }));
  return { versions, next: found.length > limit ? versions.at(-1)!.version : null };
}
