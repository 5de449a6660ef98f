import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ServiceAccount } from './service-account.entity.js';
import { ServiceAccountRepository } from './service-account.repository.js';
import { ServiceLimits } from './service-limits.js';

/** The programs that have tokens of their own. */
@Module({
  imports: [TypeOrmModule.forFeature([ServiceAccount])],
  providers: [ServiceAccountRepository, ServiceLimits],
  exports: [ServiceAccountRepository, ServiceLimits],
})
export class ServiceAccountModule {}
