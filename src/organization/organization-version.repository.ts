import { Injectable } from '@nestjs/common';
import { type CallOf, type Statement, statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { VersionMissing } from '../history/version.errors.js';
import type { KeptVersion } from '../history/version.js';
import type { Caller } from './caller.js';
import { identityOf, type Profile } from './organization.repository.js';
import type { ProfileOperation } from './profile-change.js';

export type ProfileVersion = KeptVersion<ProfileOperation>;

export interface ProfileAtVersion extends Profile {
  /** When the version was made: RFC 3339, in UTC and to the millisecond. */
  readonly at: string;
}

/** Why there is nothing for the caller; a stranger is no member of an organization that does not exist, either. */
interface Refused {
  readonly status: 'not-a-member' | 'forbidden';
}

/** What was looked for, or that it is not kept, or why it may not be shown. */
export type FoundProfile<Result> = ({ readonly status: 'found' } & Result) | VersionMissing | Refused;

/** Reads the versions of organizations' profiles. */
@Injectable()
export class OrganizationVersionRepository {
  constructor(private readonly runner: StatementRunner) {}

  /** Newest first, those below `before`, at most `limit`. */
  async list(
    organizationId: string,
    caller: Caller,
    limit: number,
    before: string | null,
  ): Promise<{ readonly status: 'found'; readonly versions: ProfileVersion[] } | Refused> {
    const call = { organizationId, ...identityOf(caller), before, limit };
    const rows = await this.runner.executeHeavy<typeof LIST, VersionRow>(LIST, call);
    const [first] = rows;
    if (first !== undefined && first.status !== 'found') return first;
    return { status: 'found', versions: rows as ProfileVersion[] };
  }

  find(organizationId: string, caller: Caller, version: string): Promise<FoundProfile<ProfileAtVersion>> {
    return this.first(FIND, { organizationId, ...identityOf(caller), version });
  }

  /** The last version that was made by then, to the millisecond. */
  findAsOf(organizationId: string, caller: Caller, at: Date): Promise<FoundProfile<Profile>> {
    return this.first(FIND_AS_OF, { organizationId, ...identityOf(caller), at: at.toISOString() });
  }

  /** A JSON Patch (RFC 6902) that turns one version into the other, as text. */
  diff(
    organizationId: string,
    caller: Caller,
    from: string,
    to: string,
  ): Promise<FoundProfile<{ readonly patch: string }>> {
    return this.first(DIFF, { organizationId, ...identityOf(caller), from, to });
  }

  private async first<S extends Statement, Row>(statement: S, call: CallOf<S>): Promise<Row> {
    return (await this.runner.executeHeavy<S, Row>(statement, call))[0]!;
  }
}

type VersionRow = (ProfileVersion & { readonly status: 'found' }) | Refused;

const LIST = statement({
  name: 'organization-versions',
  parameters: ['organizationId', 'callerType', 'callerId', 'before', 'limit'],
  text: `
    select v.status, v.version, v.at, v.operation, v.actor_id as "actorId", v.request_id as "requestId", v.reason,
      v.paths, v.thinned
    from organization_versions_2($1::uuid, $2::text, $3::varchar, 4, 'organization:read', $4::bigint, $5::integer) v`,
});

const FIND = statement({
  name: 'organization-version',
  parameters: ['organizationId', 'callerType', 'callerId', 'version'],
  text: `
    select v.status, v.version, v.at, v.document as profile
    from organization_version($1::uuid, $2::text, $3::varchar, 4, 'organization:read', $4::bigint) v`,
});

const FIND_AS_OF = statement({
  name: 'organization-as-of',
  parameters: ['organizationId', 'callerType', 'callerId', 'at'],
  text: `
    select v.status, v.version, v.document as profile
    from organization_version_as_of($1::uuid, $2::text, $3::varchar, 4, 'organization:read', $4::timestamptz) v`,
});

const DIFF = statement({
  name: 'organization-diff',
  parameters: ['organizationId', 'callerType', 'callerId', 'from', 'to'],
  text: `
    select v.status, v.patch
    from organization_version_diff($1::uuid, $2::text, $3::varchar, 4, 'organization:read', $4::bigint, $5::bigint) v`,
});
