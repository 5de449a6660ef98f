import { Module } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { RunningRequests } from './running-requests.js';

/** What the service tells about itself while it works. */
@Module({ providers: [Metrics, RunningRequests], exports: [Metrics, RunningRequests] })
export class ObservabilityModule {}
