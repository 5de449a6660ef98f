import { Injectable } from '@nestjs/common';
import { batchedStatement, statement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import type { User } from './user.entity.js';

/** The state of a user, and where to look for their membership. */
export type FoundUser =
  | { readonly status: 'active' | 'deleted'; readonly organizationId: string | null }
  | { readonly status: 'no-such-user' };

/** Reads users. */
@Injectable()
export class UserRepository {
  private readonly states: StatementCalls<typeof FIND, FoundUser>;

  constructor(private readonly runner: StatementRunner) {
    this.states = runner.batchReads(FIND);
  }

  async find(id: string, since: number): Promise<FoundUser> {
    return (await this.states.execute({ userId: id, since })) ?? { status: 'no-such-user' };
  }

  /** The names and emails of the users with these ids, by id; also of soft-deleted ones. */
  async findNames(
    ids: readonly (string | null)[],
    since: number,
  ): Promise<Map<string | null, Pick<User, 'name' | 'lastName' | 'email'>>> {
    const userIds = [...new Set(ids)].filter((id) => id !== null);
    if (userIds.length === 0) return new Map();
    type Row = Pick<User, 'id' | 'name' | 'lastName' | 'email'>;
    const users = await this.runner.executeRead<typeof FIND_NAMES, Row>(FIND_NAMES, { userIds, since });
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

const FIND_NAMES = statement({
  name: 'user-names',
  parameters: ['userIds'],
  text: `
    select u.id, u.name, u.last_name as "lastName", u.email from users u where u.id = any($1::varchar[])`,
});
