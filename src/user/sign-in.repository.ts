import { Injectable } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { batchedStatement, statement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';

/** What a token's subject is. */
export type FoundSubject =
  /** Linked to a user, or the id of a user of whom a token was seen before, or of a service account. */
  | { readonly status: 'linked' | 'known'; readonly userId: string }
  /** The id of a user of whom none was seen; of one who signs in by another subject; of one who is deleted; no id. */
  | { readonly status: 'not-validated' | 'signs-in-by-another' | 'deleted' | 'nobody' };

/** Reads which user a token's subject is, and keeps what its first token brings. */
@Injectable()
export class SignInRepository {
  private readonly subjects: StatementCalls<typeof FIND_SUBJECT, FoundSubject>;

  constructor(
    private readonly runner: StatementRunner,
    private readonly environment: Environment,
  ) {
    this.subjects = runner.batchReads(FIND_SUBJECT);
  }

  async find(subject: string, since: number): Promise<FoundSubject> {
    return (await this.subjects.execute({ userId: subject, since })) ?? { status: 'nobody' };
  }

  /** Records that a token was seen of a user who is not deleted. */
  async validate(userId: string, requestId: string, since: number): Promise<void> {
    await this.runner.execute(VALIDATE, { userId, requestId, since });
  }

  /**
   * Links a subject to the user who was invited by this email.
   *
   * @returns the user's id; `null` where there is none to link to
   */
  async link(subject: string, email: string, requestId: string, since: number): Promise<string | null> {
    const ttlDays = this.environment.INVITATION_TTL_DAYS;
    const [row] = await this.runner.execute<typeof LINK, { userId: string | null }>(LINK, {
      userId: subject,
      email,
      ttlDays,
      requestId,
      since,
    });
    return row!.userId;
  }
}

const FIND_SUBJECT = batchedStatement({
  name: 'subject-find',
  parameters: ['userId'],
  text: `
    select coalesce(s.user_id, q.subject) as "userId",
      case when s.user_id is not null then 'linked' when u.subject is not null then 'signs-in-by-another'
        when coalesce(u.deleted_at, a.deleted_at) is not null then 'deleted'
        when u.validated or a.id is not null then 'known'
        when u.id is not null then 'not-validated' else 'nobody' end as status
    from (select $1::varchar as subject) q
    left join user_subjects s on s.subject = $1::varchar
    left join users u on u.id = $1::varchar
    left join service_accounts a on a.id = $1::varchar`,
  batchedText: `
    select q.ordinal, coalesce(s.user_id, q.subject) as "userId",
      case when s.user_id is not null then 'linked' when u.subject is not null then 'signs-in-by-another'
        when coalesce(u.deleted_at, a.deleted_at) is not null then 'deleted'
        when u.validated or a.id is not null then 'known'
        when u.id is not null then 'not-validated' else 'nobody' end as status
    from unnest($1::varchar[]) with ordinality q (subject, ordinal)
    left join user_subjects s on s.subject = q.subject
    left join users u on u.id = q.subject
    left join service_accounts a on a.id = q.subject`,
});

const VALIDATE = statement({
  name: 'user-validate',
  parameters: ['userId', 'requestId', 'maxWaitMs'],
  text: `
    select v.* from user_validate($1::varchar, $2::varchar) v
    where (select set_config('lock_timeout', $3::text, true)) is not null`,
});

/** The first parameter is the subject, which is the caller. */
const LINK = statement({
  name: 'user-link',
  parameters: ['userId', 'email', 'ttlDays', 'requestId', 'maxWaitMs'],
  text: `
    select v as "userId" from user_link($1::varchar, $2::varchar, $3::integer, $4::varchar) v
    where (select set_config('lock_timeout', $5::text, true)) is not null`,
});
