import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ChangeRepository } from './change.repository.js';
import { OrganizationChange } from './organization-change.entity.js';
import { UserChange } from './user-change.entity.js';

/** The changes that were made: the versions of settings and the events of the audit. */
@Module({
  imports: [TypeOrmModule.forFeature([OrganizationChange, UserChange])],
  providers: [ChangeRepository],
  exports: [ChangeRepository],
})
export class HistoryModule {}
