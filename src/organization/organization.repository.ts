import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { type Role, WRITING_ROLES } from '../auth/role.js';
import { type Statement, StatementRunner } from '../database/statement-runner.js';
import { Organization } from './organization.entity.js';

/** The fields to change; an absent one stays as it is, null clears. */
export type OrganizationChanges = Partial<
  Pick<
    Organization,
    'name' | 'address1' | 'address2' | 'city' | 'zipcode' | 'phone' | 'state' | 'country' | 'isBusiness' | 'mfaEnforced'
  >
>;

/** An organization as its caller may see it. */
export interface SeenOrganization {
  /** The caller's role in it; `null` for who is no member. */
  readonly role: Role | null;
  /** `null` when the role does not allow what was asked. */
  readonly organization: Organization | null;
}

/** Keeps the profiles of organizations. */
@Injectable()
export class OrganizationRepository {
  private readonly statements: { find: Statement; update: Statement };

  constructor(
    @InjectRepository(Organization) private readonly organizations: Repository<Organization>,
    private readonly runner: StatementRunner,
  ) {
    this.statements = statementsOver(organizations);
  }

  /** The same, inside a transaction. */
  within(manager: EntityManager): OrganizationRepository {
    return new OrganizationRepository(manager.getRepository(Organization), this.runner);
  }

  /** @returns `undefined` when there is no such organization */
  async findAs(organizationId: string, userId: string): Promise<SeenOrganization | undefined> {
    const [row] = await this.runner.run<OrganizationRow>(this.statements.find, [organizationId, userId]);
    return row && seen(row);
  }

  /**
   * Changes the profile and returns it as it is then. One statement checks membership and role, and changes the row;
   * a change that changes nothing leaves the version as it is.
   *
   * @returns `undefined` when there is no such organization
   */
  async updateAs(
    organizationId: string,
    userId: string,
    changes: OrganizationChanges,
  ): Promise<SeenOrganization | undefined> {
    const columns = Object.fromEntries(
      Object.entries(changes).map(([property, value]) => [columnOf(this.organizations, property), value]),
    );
    const values = [organizationId, userId, JSON.stringify(columns)];
    const [row] = await this.runner.run<OrganizationRow>(this.statements.update, values);
    return row && seen(row);
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

type OrganizationRow = { callerRole: Role | null } & (Organization | Record<keyof Organization, null>);

function seen({ callerRole, ...organization }: OrganizationRow): SeenOrganization {
  return { role: callerRole, organization: organization.id === null ? null : organization };
}

function columnOf(organizations: Repository<Organization>, property: string): string {
  const column = organizations.metadata.findColumnWithPropertyName(property);
  if (column === undefined) throw new Error(`organizations has no column for ${property}`);
  return column.databaseName;
}

/** Parameters: $1 the organization, $2 the user, $3 the changed columns as JSON. */
function statementsOver(organizations: Repository<Organization>): { find: Statement; update: Statement } {
  const { columns } = organizations.metadata;
  const names = columns.map((column) => column.databaseName);
  const changeable = names.filter((name) => !OWN_COLUMNS.has(name));
  const changed = names.map((name) => (name === 'version' ? 'n.version + d.is_changed::int as version' : `n.${name}`));
  const select = (alias: string) =>
    columns.map((column) => `${alias}.${column.databaseName} as "${column.propertyName}"`).join(', ');
  const caller = `
    from organizations o
    left join members m on m.organization_id = $1 and m.user_id = $2 and m.deleted_at is null
    where o.id = $1 and o.deleted_at is null`;
  return {
    find: {
      name: 'organization-find',
      text: `select m.role as "callerRole", ${select('o')} ${caller}`,
    },
    update: {
      name: 'organization-update',
      text: `
        with caller as materialized (
          select m.role ${caller}
        ), before as materialized (
          select o as organization from organizations o
          where o.id = $1 and exists (select from caller where role in (${WRITING_ROLES.join(', ')}))
          for update
        ), after as materialized (
          select ${changed.join(', ')}, d.is_changed
          from before b
          cross join lateral jsonb_populate_record(b.organization, $3::jsonb) n
          cross join lateral (select n is distinct from b.organization as is_changed) d
        ), written as (
          update organizations o
          set (${changeable.join(', ')}, version, updated_at) =
            row(${changeable.map((name) => `a.${name}`).join(', ')}, a.version, now())
          from after a where o.id = $1 and a.is_changed
        )
        select c.role as "callerRole", ${select('a')} from caller c left join after a on true`,
    },
  };
}

/** What the statement itself keeps. */
const OWN_COLUMNS = new Set(['id', 'version', 'created_at', 'updated_at']);
