import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts what the changes of users take, as the contents of other versions are counted. */
export class CountChangesOfUsers1795820000000 implements MigrationInterface {
  readonly name = 'CountChangesOfUsers1795820000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `alter table users add column history_bytes bigint not null default 0,
         add column history_from bigint not null default 0`,
    );
    // Nobody has counted what there is; the newest 20 stay, whatever they take.
    await queryRunner.query(
      'insert into users_to_thin select u.id from users u where u.version > 20 on conflict do nothing',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table users drop column history_bytes, drop column history_from');
  }
}
