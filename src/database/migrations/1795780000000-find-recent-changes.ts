import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Has changes found by their time, in whatever organization. Rows of the history come in the order of time, so an index
 * of block ranges is small and costs a change nothing. There is no index on the versions of documents, because each
 * change would then write to it.
 */
const INDEXES = [
  `create index ix_organization_changes_at on organization_changes
     using brin (at) with (pages_per_range = 32, autosummarize = on)`,
  `create index ix_organizations_deleted_at on organizations (deleted_at) where deleted_at is not null`,
];

export class FindRecentChanges1795780000000 implements MigrationInterface {
  readonly name = 'FindRecentChanges1795780000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of INDEXES) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index ix_organizations_deleted_at');
    await queryRunner.query('drop index ix_organization_changes_at');
  }
}
