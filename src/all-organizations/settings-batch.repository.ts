import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { ServiceCaller } from '../organization/caller.js';

/** An organization whose settings are wanted, unless they are in the version that is known. */
export interface WantedSettings {
  readonly id: string;
  readonly knownVersion?: string;
}

/** The settings of an organization that exists. */
export interface FoundSettings {
  readonly organizationId: string;
  readonly version: string;
  readonly isKnown: boolean;
  /** The document's text; `null` when it is in the version that is known, or does not fit. */
  readonly settings: string | null;
}

/** Reads the settings of many organizations at once. */
@Injectable()
export class SettingsBatchRepository {
  constructor(private readonly runner: StatementRunner) {}

  /**
   * Those of organizations that exist, in the order of the ids. The caller must be checked first.
   *
   * @param maxBytes of all documents together; the first one is returned in any case
   */
  read(
    { serviceId: userId, since }: ServiceCaller,
    wanted: readonly WantedSettings[],
    maxBytes: number,
  ): Promise<FoundSettings[]> {
    const known = wanted.flatMap(({ id, knownVersion }) => (knownVersion === undefined ? [] : [[id, knownVersion]]));
    const call = {
      userId,
      organizationIds: wanted.map(({ id }) => id),
      knownVersions: JSON.stringify(Object.fromEntries(known)),
      maxBytes,
      since,
    };
    return this.runner.executeHeavy<typeof READ, FoundSettings>(READ, call);
  }
}

const READ = statement({
  name: 'settings-batch',
  parameters: ['organizationIds', 'knownVersions', 'maxBytes'],
  text: `
    select r.id as "organizationId", r.version, r.settings is null as "isKnown",
      case when r.total <= $3::bigint or r.total = octet_length(r.settings) then r.settings end as settings
    from (
      select d.id, d.place, d.version, d.settings, sum(octet_length(d.settings)) over (order by d.place) as total
      from (
        select o.id, array_position($1::uuid[], o.id) as place, coalesce(s.version, 0) as version,
          case when coalesce(s.version, 0)::text is distinct from $2::jsonb ->> o.id::text
            then coalesce(s.settings::text, '{}') end as settings
        from organizations o
        left join organization_settings s on s.organization_id = o.id
        where o.id = any($1::uuid[]) and o.deleted_at is null
      ) d
    ) r
    order by r.place`,
});
