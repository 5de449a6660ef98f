import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['organization_changes', 'user_changes'];

/** Keeps the name of the operator who made a change from the command line. */
export class NameOperators1795698000000 implements MigrationInterface {
  readonly name = 'NameOperators1795698000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) await queryRunner.query(`alter table ${table} add operator varchar(200)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) await queryRunner.query(`alter table ${table} drop operator`);
  }
}
