import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keeps the locks of a policy where each change of settings looks. Of a policy that is there they are not known until
 * it is stored again: until then each change that it binds is judged.
 */
export class KeepLockedPointers1795910000000 implements MigrationInterface {
  readonly name = 'KeepLockedPointers1795910000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table policies_in_force add column locks text[]');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table policies_in_force drop column locks');
  }
}
