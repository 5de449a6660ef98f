import { Module } from '@nestjs/common';
import { ServiceAccountRepository } from './service-account.repository.js';
import { ServiceLimits } from './service-limits.js';

/** The programs that have tokens of their own. */
@Module({
  providers: [ServiceAccountRepository, ServiceLimits],
  exports: [ServiceAccountRepository, ServiceLimits],
})
export class ServiceAccountModule {}
