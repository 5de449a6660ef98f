import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns that are as large as what callers send. */
const compressBy = (method: 'lz4' | 'default') => [
  `alter table organization_settings alter column settings set compression ${method}`,
  `alter table user_settings alter column settings set compression ${method}`,
  `alter table organization_documents alter column document set compression ${method}`,
  `alter table system_documents alter column document set compression ${method}`,
  `alter table organization_changes
     alter column patch set compression ${method}, alter column snapshot set compression ${method}`,
  `alter table user_changes
     alter column patch set compression ${method}, alter column snapshot set compression ${method}`,
  `alter table operator_changes alter column patch set compression ${method}`,
];

/**
 * Has large values compressed by LZ4, where PostgreSQL was built with it: its own method took most of the time of a
 * change of a large document. A value that is there stays as it is until it is written again.
 */
export class CompressWithLz41795900000000 implements MigrationInterface {
  readonly name = 'CompressWithLz41795900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ hasLz4 }] = (await queryRunner.query(
      `select 'lz4' = any (enumvals) as "hasLz4" from pg_settings where name = 'default_toast_compression'`,
    )) as [{ hasLz4: boolean }];
    if (!hasLz4) return;
    for (const statement of compressBy('lz4')) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of compressBy('default')) await queryRunner.query(statement);
  }
}
