import { Injectable } from '@nestjs/common';
import type { WaitingParties } from '../database/parties.js';
import { arrayLiteral, statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { LayerTexts } from '../layers/impact.js';
import type { OrganizationOwner, SettingsDocument } from './settings-owner.js';
import type { Refused } from './settings.repository.js';

export interface OrganizationTexts extends LayerTexts {
  readonly id: string;
}

export interface MemberOf {
  readonly organizationId: string;
  readonly userId: string;
}

/** The settings of some users; where they are too many bytes for once, of the others nothing is known yet. */
export interface UserTexts {
  readonly texts: ReadonlyMap<string, string>;
  readonly isAll: boolean;
}

/** Reads what it takes to know whom a change touches, for which it locks nothing, and keeps who asked. */
@Injectable()
export class ImpactRepository {
  constructor(private readonly runner: StatementRunner) {}

  /** @returns `granted`, or why the caller may not ask; then nothing was kept */
  async keepUse(
    { id: organizationId, callerType, callerId, since }: OrganizationOwner,
    document: SettingsDocument,
    { requestId, reason }: ChangeOrigin,
  ): Promise<'granted' | Refused['status']> {
    type Row = { status: 'granted' | Refused['status'] };
    const [row] = await this.runner.executeHeavy<typeof KEEP_USE, Row>(KEEP_USE, {
      organizationId,
      callerType,
      callerId,
      document,
      requestId,
      reason,
      since,
    });
    return row!.status;
  }

  /** How many members there are, and who they are: of more than `limit`, some at random. */
  async findMembers(
    { ownerId: organizationId, callerId, since }: WaitingParties,
    limit: number,
    seed: string,
  ): Promise<{ total: number; userIds: string[] }> {
    const call = { organizationId, callerId, since, limit, seed };
    const rows = await this.runner.executeHeavy<typeof MEMBERS, { id: string; total: string }>(MEMBERS, call);
    return { total: Number(rows[0]?.total ?? 0), userIds: rows.map(({ id }) => id) };
  }

  async findUserSettings(
    { ownerId: organizationId, callerId, since }: WaitingParties,
    userIds: readonly string[],
  ): Promise<UserTexts> {
    const call = { organizationId, callerId, since, userIds: arrayLiteral(userIds) };
    type Row = { id: string; text: string; total: string };
    const rows = await this.runner.executeHeavy<typeof USER_SETTINGS, Row>(USER_SETTINGS, call);
    return {
      texts: new Map(rows.map(({ id, text }) => [id, text])),
      isAll: rows.length === Number(rows[0]?.total ?? 0),
    };
  }

  async findSystem({ ownerId: organizationId, callerId, since }: WaitingParties): Promise<LayerTexts> {
    const call = { organizationId, callerId, since };
    const rows = await this.runner.executeHeavy<typeof SYSTEM, { kind: number; text: string }>(SYSTEM, call);
    const textOf = (kind: number) => rows.find((row) => row.kind === kind)?.text ?? '{}';
    return { settings: textOf(101), policy: textOf(102) };
  }

  async countMembers({ ownerId: organizationId, callerId, since }: WaitingParties): Promise<number> {
    const call = { organizationId, callerId, since };
    const [row] = await this.runner.executeHeavy<typeof MEMBER_COUNT, { total: string }>(MEMBER_COUNT, call);
    return Number(row!.total);
  }

  /** By id, those after this one. */
  listOrganizations(
    { ownerId: organizationId, callerId, since }: WaitingParties,
    after: string,
    limit: number,
  ): Promise<OrganizationTexts[]> {
    const call = { organizationId, callerId, since, after, limit };
    return this.runner.executeHeavy(ORGANIZATIONS, call);
  }

  listMembers(
    { ownerId: organizationId, callerId, since }: WaitingParties,
    organizationIds: readonly string[],
    limit: number,
  ): Promise<MemberOf[]> {
    const call = { organizationId, callerId, since, organizationIds: arrayLiteral(organizationIds), limit };
    return this.runner.executeHeavy(MEMBERS_OF_MANY, call);
  }
}

const KEEP_USE = statement({
  name: 'impact-keep-use',
  parameters: ['organizationId', 'callerType', 'callerId', 'document', 'requestId', 'reason', 'maxWaitMs'],
  text: `
    select c as status
    from organization_impact_asked_2(
      $1::uuid, $2::text, $3::varchar, $4::text, $5::varchar, $6::varchar, $7::integer) c`,
});

const MEMBERS = statement({
  name: 'impact-members',
  parameters: ['organizationId', 'seed', 'limit'],
  text: `
    select m.user_id as id, count(*) over () as total
    from members m
    where m.organization_id = $1::uuid and m.deleted_at is null
    order by md5($2::text || m.user_id) limit $3::integer`,
});

const USER_SETTINGS = statement({
  name: 'impact-user-settings',
  parameters: ['userIds'],
  text: `
    select u.id, u.text, u.total
    from (
      select s.user_id as id, s.settings::text as text, count(*) over () as total,
        sum(octet_length(s.settings::text)) over (order by s.user_id) - octet_length(s.settings::text) as bytes_before
      from user_settings s
      where s.user_id = any($1::varchar[]) and s.settings <> '{}'
    ) u
    where u.bytes_before < 4194304`,
});

const SYSTEM = statement({
  name: 'impact-system',
  parameters: [],
  text: `select d.kind, d.document::text as text from system_documents d where d.kind in (101, 102)`,
});

const MEMBER_COUNT = statement({
  name: 'impact-member-count',
  parameters: [],
  text: `
    select count(*) as total
    from members m
    join organizations o on o.id = m.organization_id and o.deleted_at is null
    where m.deleted_at is null`,
});

const ORGANIZATIONS = statement({
  name: 'impact-organizations',
  parameters: ['after', 'limit'],
  text: `
    select o.id, coalesce(s.settings::text, '{}') as settings, coalesce(p.document::text, '{}') as policy
    from organizations o
    left join organization_settings s on s.organization_id = o.id
    left join organization_documents p on p.organization_id = o.id and p.kind = 100
    where o.id > $1::uuid and o.deleted_at is null
    order by o.id limit $2::integer`,
});

const MEMBERS_OF_MANY = statement({
  name: 'impact-members-of-many',
  parameters: ['organizationIds', 'limit'],
  text: `
    select m.organization_id as "organizationId", m.user_id as "userId"
    from members m
    where m.organization_id = any($1::uuid[]) and m.deleted_at is null
    order by m.organization_id, m.user_id limit $2::integer`,
});
