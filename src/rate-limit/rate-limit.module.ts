import { Module } from '@nestjs/common';
import { CallerRateLimitGuard, OrganizationRateLimitGuard } from './rate-limit.guard.js';
import { RateLimitService } from './rate-limit.service.js';

/** How many requests a caller, and an organization, may send. */
@Module({
  providers: [RateLimitService, CallerRateLimitGuard, OrganizationRateLimitGuard],
  exports: [RateLimitService, CallerRateLimitGuard, OrganizationRateLimitGuard],
})
export class RateLimitModule {}
