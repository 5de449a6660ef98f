import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import type { Role } from '../auth/role.js';
import { Environment } from '../config/environment.js';
import { asciiLowerCase } from '../common/validation/is-email-address.decorator.js';
import type { OperatorOrigin } from '../history/change-origin.js';
import type { OperatorChange } from '../history/operator-change.entity.js';
import { Member } from '../organization/member.entity.js';
import { Organization } from '../organization/organization.entity.js';
import { ServiceAccount } from '../service-account/service-account.entity.js';
import { User } from '../user/user.entity.js';

export interface NewUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly lastName: string | null;
  /** `null`: none. */
  readonly organizationId: string | null;
  readonly role: Role;
}

/** What `member_create` says to an operator. */
export type CreatedStatus = 'created' | 'no-such-organization' | 'id-taken' | 'email-taken';

/** What `member_change` says to an operator. */
export type ChangedStatus =
  'changed' | 'unchanged' | 'no-such-user' | 'of-another-organization' | 'last-owner' | 'not-deleted' | 'email-taken';

/** What `user_move` returns. */
export type MovedStatus = 'changed' | 'unchanged' | 'no-such-user' | 'deleted' | 'no-such-organization' | 'last-owner';

/** What `user_set_email` returns. */
export type EmailStatus = 'changed' | 'unchanged' | 'no-such-user' | 'email-taken';

const CREATE_USER = `
  select c.status
  from member_create(
    $1::uuid, 'operator', $2::varchar, $3::varchar, $4::varchar, $5::varchar, $6::varchar, $7::integer, true, false,
    $8::integer, null, $9::varchar) c`;

const CHANGE_USER = `
  select c.status
  from member_change(
    $1::uuid, 'operator', $2::varchar, $3::varchar, $4::text, $5::jsonb, null, null, $6::boolean, $7::integer, null,
    $8::varchar) c`;

/** What an operator may change of a service account. */
export type ChangeableMember = 'scopes' | 'rateLimitPerMinute' | 'deletedAt';

/** A change by an operator, for its history; its patch is a JSON Patch (RFC 6902) without personal data. */
type OperatorChangeToKeep = Pick<OperatorChange, 'context' | 'contextId' | 'organizationId' | 'operation'> & {
  readonly patch: readonly object[];
};

/** What an operator's commands read and write. */
@Injectable()
export class AdministrationRepository {
  constructor(
    @InjectEntityManager() private readonly manager: EntityManager,
    private readonly environment: Environment,
  ) {}

  /** Runs `work` in one transaction, on a repository that belongs to it. */
  transaction<Result>(work: (repository: AdministrationRepository) => Promise<Result>): Promise<Result> {
    return this.manager.transaction((manager) => work(new AdministrationRepository(manager, this.environment)));
  }

  /** Until the transaction ends, nobody else can make an organization of this domain. */
  lockDomain(domain: string): Promise<void> {
    return this.lock(`organizations.domain ${domain.toLowerCase()}`);
  }

  /** Until the transaction ends, nobody else can make a user or a service account of this id. */
  lockId(id: string): Promise<void> {
    return this.lock(`users.id ${id}`);
  }

  /**
   * Makes a user, as a member of an organization or of none, and keeps in the history who did it and why.
   */
  async createUser(user: NewUser, { operator, reason }: OperatorOrigin): Promise<CreatedStatus> {
    const [row] = await this.manager.query<{ status: CreatedStatus }[]>(CREATE_USER, [
      user.organizationId,
      operator,
      user.id,
      user.email,
      user.name,
      user.lastName,
      user.role,
      this.environment.INVITATION_TTL_DAYS,
      reason,
    ]);
    return row!.status;
  }

  /** Changes a user, and keeps in the history who did it and why. */
  async changeUser(
    { id, organizationId }: Pick<User, 'id' | 'organizationId'>,
    kind: 'update' | 'delete' | 'restore',
    fields: { readonly role?: Role },
    isForced: boolean,
    { operator, reason }: OperatorOrigin,
  ): Promise<ChangedStatus> {
    const [row] = await this.manager.query<{ status: ChangedStatus }[]>(CHANGE_USER, [
      organizationId,
      operator,
      id,
      kind,
      JSON.stringify(fields),
      isForced,
      this.environment.INVITATION_TTL_DAYS,
      reason,
    ]);
    return row!.status;
  }

  /** Moves a user to another organization. */
  async moveUser(
    userId: string,
    organizationId: string,
    role: Role,
    isForced: boolean,
    { operator, reason }: OperatorOrigin,
  ): Promise<MovedStatus> {
    const [row] = await this.manager.query<{ status: MovedStatus }[]>(
      'select user_move($1::varchar, $2::uuid, $3::integer, $4::boolean, $5::varchar, $6::varchar) as status',
      [userId, organizationId, role, isForced, operator, reason],
    );
    return row!.status;
  }

  async setEmail(userId: string, email: string, { operator, reason }: OperatorOrigin): Promise<EmailStatus> {
    const [row] = await this.manager.query<{ status: EmailStatus }[]>(
      'select user_set_email($1::varchar, $2::varchar, $3::integer, $4::varchar, $5::varchar) as status',
      [userId, email, this.environment.INVITATION_TTL_DAYS, operator, reason],
    );
    return row!.status;
  }

  /** The given texts that are ids of users. */
  async findIds(texts: readonly string[]): Promise<Set<string>> {
    const rows = await this.manager.query<{ id: string }[]>('select u.id from users u where u.id = any($1)', [texts]);
    return new Set(rows.map(({ id }) => id));
  }

  /** The given texts that are emails of users. */
  async findEmails(texts: readonly string[]): Promise<Set<string>> {
    const rows = await this.manager.query<{ email: string }[]>(
      'select e.email from user_emails e where e.email = any($1)',
      [texts],
    );
    return new Set(rows.map(({ email }) => email));
  }

  findOrganization(id: string): Promise<Organization | null> {
    return this.manager.findOneBy(Organization, { id });
  }

  hasDomain(domain: string): Promise<boolean> {
    return this.manager.existsBy(Organization, { domain: domain.toLowerCase() });
  }

  listOrganizations(): Promise<Organization[]> {
    return this.manager.find(Organization, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Inserts an organization, and keeps in its history that it was made. */
  async insertOrganization(
    organization: Pick<Organization, 'id' | 'name' | 'domain'>,
    { operator, reason }: OperatorOrigin,
  ): Promise<void> {
    const domain = organization.domain?.toLowerCase() ?? null;
    await this.manager.insert(Organization, { ...organization, domain });
    await this.manager.query('select organization_created_2($1::uuid, $2::varchar, $3::varchar)', [
      organization.id,
      operator,
      reason,
    ]);
  }

  findUser(id: string): Promise<User | null> {
    return this.manager.findOneBy(User, { id });
  }

  /**
   * The user who holds the email; others may have had it, and lost it because they never signed in. A command of an
   * older release made users without recording who holds an email.
   */
  async findUserByEmail(email: string): Promise<User | null> {
    const known = asciiLowerCase(email);
    const [holder] = await this.manager.query<{ id: string }[]>(
      'select e.user_id as id from user_emails e where e.email = $1::varchar',
      [known],
    );
    return holder === undefined ? this.manager.findOneBy(User, { email: known }) : this.findUser(holder.id);
  }

  listUsers(organizationId?: string): Promise<User[]> {
    return this.manager.find(User, {
      where: organizationId === undefined ? {} : { organizationId },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  /**
   * Erases a soft-deleted user for good, with everything that belongs to them.
   *
   * @returns whether there was one
   */
  async eraseUser(userId: string): Promise<boolean> {
    const [row] = await this.manager.query<{ isErased: boolean }[]>('select erase_user($1::varchar) as "isErased"', [
      userId,
    ]);
    return row!.isErased;
  }

  /** Keeps in the history what an operator did to a service account, or that they erased a user. */
  async insertOperatorChange(
    { context, contextId, organizationId, operation, patch }: OperatorChangeToKeep,
    { operator, reason }: OperatorOrigin,
  ): Promise<void> {
    await this.manager.query(
      'select operator_changed($1::smallint, $2::varchar, $3::uuid, $4::varchar, $5::jsonb, $6::varchar, $7::varchar)',
      [context, contextId, organizationId, operation, JSON.stringify(patch), operator, reason],
    );
  }

  findMember(organizationId: string, userId: string): Promise<Member | null> {
    return this.manager.findOneBy(Member, { organizationId, userId });
  }

  /** Those of soft-deleted users included. */
  listMembers(organizationId?: string): Promise<Member[]> {
    return this.manager.findBy(Member, organizationId === undefined ? {} : { organizationId });
  }

  findService(id: string): Promise<ServiceAccount | null> {
    return this.manager.findOneBy(ServiceAccount, { id });
  }

  listServices(): Promise<ServiceAccount[]> {
    return this.manager.find(ServiceAccount, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  async insertService(service: Omit<ServiceAccount, 'createdAt' | 'deletedAt' | 'rateLimitPerMinute'>): Promise<void> {
    await this.manager.insert(ServiceAccount, service);
  }

  async updateService(id: string, members: Partial<Pick<ServiceAccount, ChangeableMember>>): Promise<void> {
    await this.manager.update(ServiceAccount, { id }, members);
  }

  private async lock(value: string): Promise<void> {
    await this.manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [value]);
  }
}
