import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';

/** The versions of an organization's documents, and for how long each has been the current one, in milliseconds. */
export interface OrganizationVersions {
  readonly id: string;
  readonly settings: string;
  readonly settingsAgeMs: number;
  readonly profile: string;
  readonly profileAgeMs: number;
  readonly policy: string;
  readonly policyAgeMs: number;
}

/** The same of the system. */
export interface SystemVersions {
  readonly settings: string;
  readonly settingsAgeMs: number;
  readonly policy: string;
  readonly policyAgeMs: number;
}

export interface UserVersion {
  readonly id: string;
  readonly settings: string;
  readonly settingsAgeMs: number;
}

/** Reads the versions of what is watched. */
@Injectable()
export class WatchRepository {
  constructor(private readonly runner: StatementRunner) {}

  /**
   * @param organizationIds an array of PostgreSQL, as text
   * @param backMs leaves out organizations none of whose documents was changed in the last so many milliseconds
   */
  organizationVersions(organizationIds: string, backMs: number | null = null): Promise<OrganizationVersions[]> {
    return this.runner.executeRead(ORGANIZATION_VERSIONS, { organizationIds, backMs, since: performance.now() });
  }

  /**
   * @param userIds an array of PostgreSQL, as text
   * @param backMs leaves out users whose settings were not changed in the last so many milliseconds
   */
  userVersions(userIds: string, backMs: number | null = null): Promise<UserVersion[]> {
    return this.runner.executeRead(USER_VERSIONS, { userIds, backMs, since: performance.now() });
  }

  async systemVersions(): Promise<SystemVersions> {
    const [row] = await this.runner.executeRead<typeof SYSTEM_VERSIONS, SystemVersions>(SYSTEM_VERSIONS, {
      since: performance.now(),
    });
    return row!;
  }
}

const ORGANIZATION_VERSIONS = statement({
  name: 'watched-organizations',
  parameters: ['organizationIds', 'backMs'],
  text: `
    select o.id, coalesce(s.version, 0) as settings, o.version as profile, coalesce(p.version, 0) as policy,
      coalesce(extract(epoch from clock_timestamp() - s.updated_at) * 1000, 0)::float8 as "settingsAgeMs",
      (extract(epoch from clock_timestamp() - o.updated_at) * 1000)::float8 as "profileAgeMs",
      coalesce(extract(epoch from clock_timestamp() - p.updated_at) * 1000, 0)::float8 as "policyAgeMs"
    from organizations o
    left join organization_settings s on s.organization_id = o.id
    left join organization_documents p on p.organization_id = o.id and p.kind = 100
    where o.id = any($1::uuid[]) and o.deleted_at is null
      and ($2::float8 is null
        or greatest(s.updated_at, o.updated_at, p.updated_at) >= now() - $2::float8 * interval '1 millisecond')`,
});

const SYSTEM_VERSIONS = statement({
  name: 'watched-system',
  parameters: [],
  text: `
    select coalesce(max(d.version) filter (where d.kind = 101), 0) as settings,
      coalesce(max(d.version) filter (where d.kind = 102), 0) as policy,
      coalesce(extract(epoch from clock_timestamp() - max(d.updated_at) filter (where d.kind = 101)) * 1000, 0)::float8
        as "settingsAgeMs",
      coalesce(extract(epoch from clock_timestamp() - max(d.updated_at) filter (where d.kind = 102)) * 1000, 0)::float8
        as "policyAgeMs"
    from system_documents d`,
});

const USER_VERSIONS = statement({
  name: 'watched-users',
  parameters: ['userIds', 'backMs'],
  text: `
    select u.id, coalesce(s.version, 0) as settings,
      coalesce(extract(epoch from clock_timestamp() - s.updated_at) * 1000, 0)::float8 as "settingsAgeMs"
    from users u
    left join user_settings s on s.user_id = u.id
    where u.id = any($1::varchar[]) and u.deleted_at is null
      and ($2::float8 is null or s.updated_at >= now() - $2::float8 * interval '1 millisecond')`,
});
