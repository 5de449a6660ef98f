import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which functions were loaded from src/database/functions, and a hash of the file of each. */
const SCHEMA_FUNCTIONS = `
  create table schema_functions (
    name varchar(63) not null,
    hash varchar(64) not null,
    constraint pk_schema_functions primary key (name)
  )`;

/** The functions that an earlier migration made, and takes back. Files replace their bodies. */
const OF_EARLIER_MIGRATIONS = [
  'settings_merge',
  'settings_delete_keys',
  'settings_path',
  'settings_changes',
  'settings_diff',
  'settings_merge_with_changes',
  'settings_merge_patch',
  'settings_value',
  'settings_add',
  'settings_patch',
  'change_id_from',
];

/** The files themselves are loaded after the migrations, whenever they differ from what was loaded last. */
export class LoadFunctionsFromFiles1795651200000 implements MigrationInterface {
  readonly name = 'LoadFunctionsFromFiles1795651200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(SCHEMA_FUNCTIONS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const functions = (await queryRunner.query(
      `select p.oid::regprocedure as signature from pg_proc p join schema_functions f on f.name = p.proname
       where p.pronamespace = quote_ident(current_schema())::regnamespace and p.proname <> all ($1)`,
      [OF_EARLIER_MIGRATIONS],
    )) as { signature: string }[];
    for (const { signature } of functions) await queryRunner.query(`drop function ${signature}`);
    await queryRunner.query('drop table schema_functions');
  }
}
