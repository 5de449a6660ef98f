import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import type { Answer, QuestionStatement, SharedStatement } from '../database/shared-statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import { User } from './user.entity.js';

/** Who there is, and where to look for their membership. */
@Injectable()
export class UserRepository {
  private readonly found: SharedStatement<FoundUser>;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly runner: StatementRunner,
  ) {
    this.found = runner.share(FIND);
  }

  /** The same, inside a transaction. */
  within(manager: EntityManager): UserRepository {
    return new UserRepository(manager.getRepository(User), this.runner);
  }

  /** Whether there is such a user, not soft-deleted. */
  async isActive(id: string): Promise<boolean> {
    return (await this.found.ask([id]))?.isActive === true;
  }

  /**
   * The organization in which to look for the user's membership.
   *
   * @returns `undefined` when there is none, also of a soft-deleted user; `null` when no user has this id
   */
  async findOrganizationId(id: string): Promise<string | null | undefined> {
    const user = await this.found.ask([id]);
    if (user === undefined) return null;
    return user.isActive && user.organizationId !== null ? user.organizationId : undefined;
  }

  findById(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** The names and emails of those of these users that there are, by id; also of soft-deleted ones. */
  async findNames(
    ids: readonly (string | null)[],
  ): Promise<Map<string | null, Pick<User, 'name' | 'lastName' | 'email'>>> {
    const wanted = [...new Set(ids)].filter((id) => id !== null);
    if (wanted.length === 0) return new Map();
    const users = await this.users.find({
      select: { id: true, name: true, lastName: true, email: true },
      where: { id: In(wanted) },
    });
    return new Map(users.map((user) => [user.id, user]));
  }

  /** Until the transaction ends, nobody else can make a user or a service account of this id. */
  lockId(id: string): Promise<void> {
    return this.lock(`users.id ${id}`);
  }

  /** Until the transaction ends, nobody else can make a user of this email. */
  lockEmail(email: string): Promise<void> {
    return this.lock(`users.email ${email.toLowerCase()}`);
  }

  private async lock(value: string): Promise<void> {
    await this.users.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [value]);
  }

  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email: email.toLowerCase() });
  }

  list(organizationId?: string): Promise<User[]> {
    return this.users.find({
      where: organizationId === undefined ? {} : { organizationId },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  async insert(user: Omit<User, 'createdAt' | 'deletedAt'>): Promise<void> {
    await this.users.insert({ ...user, email: user.email.toLowerCase() });
  }

  /** For good, and with what refers to it. */
  async delete(id: string): Promise<void> {
    await this.users.delete({ id });
  }

  async setDeletedAt(id: string, deletedAt: Date | null): Promise<void> {
    await this.users.update({ id }, { deletedAt });
  }
}

interface FoundUser extends Answer {
  readonly organizationId: string | null;
  readonly isActive: boolean;
}

const FIND: QuestionStatement = {
  name: 'user-find',
  question: { id: 'varchar' },
  text: (q) => `
    select q.place, u.organization_id as "organizationId", u.deleted_at is null as "isActive"
    from ${q} join users u on u.id = q.id`,
};
