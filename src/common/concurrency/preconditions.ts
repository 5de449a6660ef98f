import { hash } from 'node:crypto';
import { InvalidInputError } from '../errors/common.errors.js';

/**
 * The strong entity tag (RFC 9110 §8.8.3) of one version of something: `"7-hG3kQ0xW"`. The second part stands for the
 * owner, because one address shows each caller a document of their own, and two of those must not share a tag.
 *
 * @param version digits
 */
export function entityTagOf(ownerId: string, version: string): string {
  return `"${version}-${digestOf(ownerId)}"`;
}

/** An entity tag as a request names it: a version, of any owner where none is named. */
interface EntityTag {
  readonly version: string;
  readonly owner: string | undefined;
}

/** What a request demands of the current version (RFC 9110 §13.1). */
export class Preconditions {
  static readonly NONE = new Preconditions(undefined, undefined);

  private constructor(
    private readonly match: readonly EntityTag[] | undefined,
    /** `*` holds only before the first change: in version 0. */
    private readonly noneMatch: readonly EntityTag[] | '*' | undefined,
  ) {}

  /**
   * `If-Match: *` demands nothing, because what it asks for is always there.
   *
   * @throws InvalidInputError for a header that is neither `*` nor a list of entity tags
   */
  static parse(ifMatch: string | undefined, ifNoneMatch: string | undefined): Preconditions {
    if (ifMatch === undefined && ifNoneMatch === undefined) return Preconditions.NONE;
    const match = ifMatch === undefined ? '*' : readTags('If-Match', ifMatch);
    const noneMatch = ifNoneMatch === undefined ? undefined : readTags('If-None-Match', ifNoneMatch);
    return new Preconditions(match === '*' ? undefined : match, noneMatch);
  }

  /** The versions that the current one must be among; `null` allows any. `If-None-Match: *` leaves version 0 alone. */
  versionsToMatch(ownerId: string): string[] | null {
    const versions = this.match === undefined ? null : singleVersionsOf(this.match, ownerId);
    if (this.noneMatch !== '*') return versions;
    return (versions ?? ['0']).filter((version) => version === '0');
  }

  /** The versions that the current one must not be among; `null` allows any. */
  versionsNotToMatch(ownerId: string): string[] | null {
    return this.noneMatch === undefined || this.noneMatch === '*' ? null : singleVersionsOf(this.noneMatch, ownerId);
  }

  /** The version that must not be the current one, if there is exactly one. */
  onlyVersionNotToMatch(ownerId: string): string | null {
    const versions = this.versionsNotToMatch(ownerId);
    return versions?.length === 1 ? versions[0]! : null;
  }

  /** The same of what follows from several documents: their versions, with dots between. */
  onlyVersionsNotToMatch(ownerId: string): string | null {
    if (this.noneMatch === undefined || this.noneMatch === '*') return null;
    const versions = versionsOf(this.noneMatch, ownerId);
    return versions.length === 1 ? versions[0]! : null;
  }

  /** What a read checks: whether this is a version that the caller wants, and whether they have it already. */
  allowRead(ownerId: string, version: string): 'read' | 'not-modified' | 'failed' {
    if (this.match !== undefined && !versionsOf(this.match, ownerId).includes(version)) return 'failed';
    const isKnown =
      this.noneMatch === '*' ? /[1-9]/.test(version) : versionsOf(this.noneMatch ?? [], ownerId).includes(version);
    return isKnown ? 'not-modified' : 'read';
  }
}

const ENTITY_TAGS = /^(?:[ \t]*,)*[ \t]*(?:W\/)?"[^"\p{Cc} ]*"(?:[ \t]*,(?:[ \t]*(?:W\/)?"[^"\p{Cc} ]*")?)*[ \t]*$/u;

/** Ours among the entity tags; a `W/` before one was added on the way. What follows from several documents has dots. */
const OURS = /"((?:0|[1-9]\d{0,17})(?:\.(?:0|[1-9]\d{0,17}))*)(?:-([A-Za-z0-9_-]+))?"/g;

/** The version of a single document. */
const SINGLE = /^\d+$/;

/** Tags that are not ours match no version, so they are left out. */
function readTags(header: string, value: string): EntityTag[] | '*' {
  if (value.trim() === '*') return '*';
  if (!ENTITY_TAGS.test(value)) {
    throw new InvalidInputError(`${header} must be * or a list of entity tags, each in double quotes`);
  }
  return [...value.matchAll(OURS)].map(([, version = '', owner]) => ({ version, owner }));
}

function versionsOf(tags: readonly EntityTag[], ownerId: string): string[] {
  if (tags.length === 0) return [];
  const owner = digestOf(ownerId);
  return tags.filter((tag) => tag.owner === undefined || tag.owner === owner).map(({ version }) => version);
}

function singleVersionsOf(tags: readonly EntityTag[], ownerId: string): string[] {
  return versionsOf(tags, ownerId).filter((version) => SINGLE.test(version));
}

function digestOf(ownerId: string): string {
  return hash('sha1', ownerId, 'base64url').slice(0, 8);
}
