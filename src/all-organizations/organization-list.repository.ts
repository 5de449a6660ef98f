import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { ServiceCaller } from '../organization/caller.js';

/** An organization, and the versions of its documents. */
export interface ListedOrganization {
  readonly id: string;
  readonly name: string;
  readonly settingsVersion: string;
  readonly profileVersion: string;
  /** RFC 3339, in UTC and to the millisecond; `null` unless it is deleted. */
  readonly deletedAt: string | null;
}

export interface OrganizationPage {
  readonly limit: number;
  /** Only those whose id comes after this one. */
  readonly after: string | null;
}

/** Reads which organizations there are. */
@Injectable()
export class OrganizationListRepository {
  constructor(private readonly runner: StatementRunner) {}

  /** Those that exist, by id. The caller must be checked first. */
  list({ serviceId: userId, since }: ServiceCaller, { limit, after }: OrganizationPage): Promise<ListedOrganization[]> {
    const call = { userId, after, limit, since };
    return this.runner.executeHeavy<typeof LIST, ListedOrganization>(LIST, call);
  }

  /** Those with a change in the history at that time or later, and those that were deleted then or later, by id. */
  listChanged(
    { serviceId: userId, since }: ServiceCaller,
    changedSince: Date,
    { limit, after }: OrganizationPage,
  ): Promise<ListedOrganization[]> {
    const call = { userId, after, changedSince: changedSince.toISOString(), limit, since };
    return this.runner.executeHeavy<typeof LIST_CHANGED, ListedOrganization>(LIST_CHANGED, call);
  }
}

const LIST = statement({
  name: 'organizations',
  parameters: ['after', 'limit'],
  text: `
    select o.id, o.name, o.version as "profileVersion", coalesce(s.version, 0) as "settingsVersion", null as "deletedAt"
    from organizations o
    left join organization_settings s on s.organization_id = o.id
    where o.deleted_at is null and ($1::uuid is null or o.id > $1::uuid)
    order by o.id limit $2::integer`,
});

const LIST_CHANGED = statement({
  name: 'organizations-changed',
  parameters: ['after', 'changedSince', 'limit'],
  text: `
    select o.id, o.name, o.version as "profileVersion", coalesce(s.version, 0) as "settingsVersion",
      iso_time(o.deleted_at) as "deletedAt"
    from organizations o
    left join organization_settings s on s.organization_id = o.id
    where ($1::uuid is null or o.id > $1::uuid)
      and o.id in (
        select c.organization_id from organization_changes c where c.at >= $2::timestamptz and c.context in (4, 8)
        union all
        select d.id from organizations d where d.deleted_at >= $2::timestamptz)
    order by o.id limit $3::integer`,
});
