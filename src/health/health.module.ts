import { Module } from '@nestjs/common';
import { ObservabilityModule } from '../observability/observability.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { DrainService } from './drain.service.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MetricsController } from './metrics.controller.js';

@Module({
  imports: [ObservabilityModule, RateLimitModule],
  controllers: [HealthController, MetricsController],
  providers: [HealthService, DrainService],
})
export class HealthModule {}
