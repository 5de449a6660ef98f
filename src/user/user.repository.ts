import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { batchedStatement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import { User } from './user.entity.js';

/** The state of a user, and where to look for their membership. */
export type FoundUser =
  | { readonly status: 'active' | 'deleted'; readonly organizationId: string | null }
  | { readonly status: 'no-such-user' };

/** Reads users. */
@Injectable()
export class UserRepository {
  private readonly states: StatementCalls<typeof FIND, FoundUser>;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    runner: StatementRunner,
  ) {
    this.states = runner.batchReads(FIND);
  }

  async find(id: string): Promise<FoundUser> {
    return (await this.states.execute({ userId: id })) ?? { status: 'no-such-user' };
  }

  /** The names and emails of the users with these ids, by id; also of soft-deleted ones. */
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
}

const FIND = batchedStatement({
  name: 'user-find',
  parameters: ['userId'],
  text: `
    select case when u.deleted_at is null then 'active' else 'deleted' end as status, u.organization_id as "organizationId"
    from users u where u.id = $1::varchar`,
  batchedText: `
    select q.ordinal, case when u.deleted_at is null then 'active' else 'deleted' end as status,
      u.organization_id as "organizationId"
    from unnest($1::varchar[]) with ordinality q (user_id, ordinal) join users u on u.id = q.user_id`,
});
