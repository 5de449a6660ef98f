import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, Repository } from 'typeorm';
import { WRITING_ROLES } from '../auth/role.js';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { type Changed, type ChangeStatement, changeStatement } from '../database/shared-change.js';
import type { Answer, QuestionStatement, SharedStatement } from '../database/shared-statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import { ChangeContext } from '../history/change-context.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import { CHANGE_QUESTION, changeQuestion, isForVersion } from '../history/change-question.js';
import { type Caller, ServiceCaller } from './caller.js';
import { Organization } from './organization.entity.js';

/** The fields to change; an absent one stays as it is, null clears. */
export type OrganizationChanges = Partial<
  Pick<
    Organization,
    'name' | 'address1' | 'address2' | 'city' | 'zipcode' | 'phone' | 'state' | 'country' | 'isBusiness' | 'mfaEnforced'
  >
>;

/** An organization after a change. */
export interface ChangedOrganization {
  /** `null` when the caller may not change it, or not in this version. */
  readonly organization: Organization | null;
  /** The version that the preconditions do not allow; nothing was changed then. */
  readonly unexpectedVersion: string | null;
}

/** Keeps the profiles of organizations. */
@Injectable()
export class OrganizationRepository {
  private readonly statements: Record<'member' | 'service', CallerStatements>;

  constructor(
    @InjectRepository(Organization) private readonly organizations: Repository<Organization>,
    private readonly runner: StatementRunner,
  ) {
    const statementsOf = (callerSql: CallerSql): CallerStatements => {
      const { find, update } = statementsOver(organizations, callerSql);
      return { find: runner.share(find), update };
    };
    this.statements = { member: statementsOf(MEMBER), service: statementsOf(SERVICE) };
  }

  /** The same, inside a transaction. */
  within(manager: EntityManager): OrganizationRepository {
    return new OrganizationRepository(manager.getRepository(Organization), this.runner);
  }

  /** @returns `undefined` when there is no such organization, `null` when the caller may not read it */
  async findAs(organizationId: string, caller: Caller): Promise<Organization | null | undefined> {
    const { statements, id } = this.of(caller);
    const answer = await statements.find.ask([organizationId, id]);
    if (answer === undefined) return undefined;
    const { mayRead, ...organization } = answer;
    return mayRead ? organization : null;
  }

  /**
   * Changes the profile and returns it as it is then. One statement checks role or scope, and version, changes the
   * row and keeps the change; a change that changes nothing leaves the version as it is.
   *
   * @returns `undefined` when there is no such organization
   */
  async updateAs(
    organizationId: string,
    caller: Caller,
    changes: OrganizationChanges,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<ChangedOrganization | undefined> {
    const columns = Object.fromEntries(
      Object.entries(changes).map(([property, value]) => [columnOf(this.organizations, property), value]),
    );
    const { statements, id } = this.of(caller);
    const question = [
      organizationId,
      id,
      JSON.stringify(columns),
      ...changeQuestion(organizationId, preconditions, origin),
    ];
    const row = await this.runner.change<ChangedOrganizationRow>(statements.update, question, true);
    if (row === undefined) return undefined;
    const { isSkipped, versionBefore, ...organization } = row;
    // It was deleted while the change waited for it.
    if (isSkipped) return undefined;
    return organization.id === null
      ? { organization: null, unexpectedVersion: versionBefore }
      : { organization, unexpectedVersion: null };
  }

  private of(caller: Caller) {
    return caller instanceof ServiceCaller
      ? { statements: this.statements.service, id: caller.serviceId }
      : { statements: this.statements.member, id: caller.userId };
  }

  /** Whether there is such an organization, not soft-deleted. */
  isActive(id: string): Promise<boolean> {
    return this.organizations.existsBy({ id, deletedAt: IsNull() });
  }

  findById(id: string): Promise<Organization | null> {
    return this.organizations.findOneBy({ id });
  }

  /** Until the transaction ends, nobody else can make an organization of this domain. */
  async lockDomain(domain: string): Promise<void> {
    await this.organizations.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `organizations.domain ${domain.toLowerCase()}`,
    ]);
  }

  hasDomain(domain: string): Promise<boolean> {
    return this.organizations.existsBy({ domain: domain.toLowerCase() });
  }

  list(): Promise<Organization[]> {
    return this.organizations.find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  async insert(organization: Pick<Organization, 'id' | 'name' | 'domain'> & Partial<Organization>): Promise<void> {
    await this.organizations.insert({ ...organization, domain: organization.domain?.toLowerCase() ?? null });
  }
}

interface CallerStatements {
  readonly find: SharedStatement<FoundOrganizationRow & Answer>;
  readonly update: ChangeStatement;
}

type FoundOrganizationRow = Organization & { mayRead: boolean };

type ChangedOrganizationRow = (Organization | Record<keyof Organization, null>) &
  Changed & { versionBefore: string | null };

function columnOf(organizations: Repository<Organization>, property: string): string {
  const column = organizations.metadata.findColumnWithPropertyName(property);
  if (column === undefined) throw new Error(`organizations has no column for ${property}`);
  return column.databaseName;
}

/** What the API calls the columns that it changes. */
const API_NAMES: Record<string, string> = { mfa_enforced: 'mfaEnforced' };

/** How the two kinds of callers are found beside an organization `o`, and what they may do there. */
interface CallerSql {
  /** At the end of the statements' names. */
  readonly suffix: string;
  readonly join: (organizationId: string, callerId: string) => string;
  readonly mayRead: string;
  readonly mayWrite: string;
}

const MEMBER: CallerSql = {
  suffix: '',
  join: (organizationId, callerId) =>
    `left join members m on m.organization_id = ${organizationId} and m.user_id = ${callerId} and m.deleted_at is null`,
  mayRead: 'm.role is not null',
  mayWrite: `m.role in (${WRITING_ROLES.join(', ')})`,
};

const SERVICE: CallerSql = {
  suffix: '-by-service',
  join: (_, callerId) =>
    `left join service_accounts sa on sa.id = ${callerId} and sa.deleted_at is null
       and coalesce(sa.organization_id, o.id) = o.id`,
  mayRead: `'organization:read' = any(sa.scopes)`,
  mayWrite: `'organization:write' = any(sa.scopes)`,
};

function statementsOver(organizations: Repository<Organization>, { suffix, join, mayRead, mayWrite }: CallerSql) {
  const { columns } = organizations.metadata;
  const names = columns.map((column) => column.databaseName);
  const changeable = names.filter((name) => !OWN_COLUMNS.has(name));
  const changed = names.map((name) => (name === 'version' ? 'n.version + d.is_changed::int as version' : `n.${name}`));
  const profile = (alias: string) =>
    `jsonb_build_object(${changeable.map((name) => `'${API_NAMES[name] ?? name}', ${alias}.${name}`).join(', ')})`;
  const select = (alias: string) =>
    columns.map((column) => `${alias}.${column.databaseName} as "${column.propertyName}"`).join(', ');
  return {
    find: {
      name: `organization-find${suffix}`,
      question: { organization_id: 'uuid', caller_id: 'varchar' },
      text: (q) => `
        select q.place, ${mayRead} as "mayRead", ${select('o')}
        from ${q}
        join organizations o on o.id = q.organization_id and o.deleted_at is null
        ${join('q.organization_id', 'q.caller_id')}`,
    },
    update: changeStatement({
      name: `organization-update${suffix}`,
      question: { organization_id: 'uuid', caller_id: 'varchar', changes: 'text', ...CHANGE_QUESTION },
      owner: 'organization_id',
      text: ({ q, owner, isShared }) => `
        with caller as materialized (
          select q.*, ${mayWrite} as may_write
          from ${q}
          join organizations o on o.id = q.organization_id and o.deleted_at is null
          ${join('q.organization_id', 'q.caller_id')}
        ), before as materialized (
          select c.*, o as organization
          from caller c join organizations o on o.id = ${owner('c')} and o.deleted_at is null
          where c.may_write
          for no key update of o ${isShared ? 'skip locked' : ''}
        ), after as materialized (
          select b.place, b.organization_id, ${changed.join(', ')}, d.is_changed, d.patch,
            date_trunc('milliseconds', greatest(clock_timestamp(), (b.organization).updated_at)) as changed_at
          from before b
          cross join lateral jsonb_populate_record(b.organization, b.changes::jsonb) n
          cross join lateral (select settings_diff(${profile('(b.organization)')}, ${profile('n')}) as patch offset 0) p
          cross join lateral (select p.patch, p.patch <> '[]' as is_changed) d
          where ${isForVersion('b', '(b.organization).version')}
        ), written as (
          update organizations o
          set (${changeable.join(', ')}, version, updated_at) =
            row(${changeable.map((name) => `a.${name}`).join(', ')}, a.version, a.changed_at)
          from after a where o.id = ${owner('a')} and a.is_changed
        ), kept as (
          insert into organization_changes (
            organization_id, context, version, id, at, operation, actor_id, patch, request_id, reason
          )
          select ${owner('b')}, ${ChangeContext.ORGANIZATION}, a.version, change_id(a.changed_at), a.changed_at,
            'update', b.caller_id, a.patch, b.request_id, b.reason
          from before b join after a on a.place = b.place where a.is_changed
        )
        select c.place, (c.may_write and b.place is null) is true as "isSkipped",
          (b.organization).version as "versionBefore", ${select('a')}
        from caller c left join before b on b.place = c.place left join after a on a.place = c.place`,
    }),
  } satisfies { find: QuestionStatement; update: ChangeStatement };
}

/** What the statement itself keeps. */
const OWN_COLUMNS = new Set(['id', 'version', 'created_at', 'updated_at']);
