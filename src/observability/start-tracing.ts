import type { Environment } from '../config/environment.js';
import type { Tracing } from './tracing.js';

/** Returns nothing, and loads nothing, unless an exporter is configured. */
export async function startTracing(environment: Environment): Promise<Tracing | undefined> {
  if (!environment.exportsTraces) return undefined;
  const { OpenTelemetryTracing } = await import('./open-telemetry-tracing.js');
  return new OpenTelemetryTracing(environment);
}
