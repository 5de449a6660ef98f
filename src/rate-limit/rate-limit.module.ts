import { Module } from '@nestjs/common';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { CallerRateLimitGuard, OrganizationRateLimitGuard } from './rate-limit.guard.js';
import { RateLimitService } from './rate-limit.service.js';

/** How many requests a caller, and an organization, may send. */
@Module({
  imports: [ServiceAccountModule],
  providers: [RateLimitService, CallerRateLimitGuard, OrganizationRateLimitGuard],
  exports: [RateLimitService, CallerRateLimitGuard, OrganizationRateLimitGuard],
})
export class RateLimitModule {}
