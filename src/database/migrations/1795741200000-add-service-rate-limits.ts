import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many requests a service account may send in a minute, where that is not what all callers may. */
export class AddServiceRateLimits1795741200000 implements MigrationInterface {
  readonly name = 'AddServiceRateLimits1795741200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `alter table service_accounts
         add column rate_limit_per_minute integer,
         add constraint ck_service_accounts_rate_limit check (rate_limit_per_minute >= 0)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table service_accounts drop column rate_limit_per_minute');
  }
}
