import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Has the events of impact (context 104) found that are beyond their retention. Other changes do not write to it. */
export class FindImpacts1795870000000 implements MigrationInterface {
  readonly name = 'FindImpacts1795870000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'create index ix_organization_changes_impacts on organization_changes (at) where context = 104',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index ix_organization_changes_impacts');
  }
}
