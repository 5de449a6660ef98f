import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Environment } from '../config/environment.js';
import type { StatementRunner } from '../database/statement-runner.js';
import type { RequestSpan, Tracing } from './tracing.js';

/** How long the end of the process waits for the collector, in milliseconds. */
const FLUSH_MS = 2_000;

/**
 * Spans in the words of OpenTelemetry's semantic conventions (HTTP server, database client), sent by OTLP over HTTP
 * with JSON. The SDK reads the rest of the standard `OTEL_` variables itself: headers, sampler, batches, resource.
 *
 * 1. A request's span says method, route pattern and status: no address, no id, no header.
 * 2. A statement's span says the statement's name or, without one, its first word: no text, no values. One that many
 *    requests share has a span in each of them.
 * 3. A statement that no request asked for has no span.
 */
export class OpenTelemetryTracing implements Tracing {
  private readonly provider: BasicTracerProvider;
  private readonly current = new AsyncLocalStorage<Span | undefined>();

  constructor(environment: Environment) {
    const logger = new Logger('Tracing');
    const say = (message: string) => logger.warn(message);
    const silent = () => undefined;
    diag.setLogger(
      { error: say, warn: say, info: silent, debug: silent, verbose: silent },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const url = environment.tracesUrl;
    this.provider = new BasicTracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ 'service.name': 'flashback-backend' }))
        .merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(url === undefined ? {} : { url }))],
    });
  }

  private get tracer() {
    return this.provider.getTracer('flashback-backend');
  }

  begin(request: FastifyRequest, method: string, route: string): RequestSpan {
    const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': request.protocol };
    const span = this.tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parentOf(request));
    const { traceId, spanId, traceFlags } = span.spanContext();
    request.trace = { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
    request.span = span;
    return {
      end: (status) => {
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) span.setAttribute('error.type', String(status)).setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  attach(fastify: FastifyInstance, dataSource: DataSource, runner: StatementRunner): void {
    // After the body was read: its events do not come from within the hooks before.
    fastify.addHook('preValidation', (request, _, done) => this.current.run(request.span, done));
    fastify.addHook('onClose', () => this.stop());
    runner.observer = (statement) => this.beginStatement(statement);
    const { driver } = dataSource;
    const createQueryRunner = driver.createQueryRunner.bind(driver);
    driver.createQueryRunner = (mode) => this.trace(createQueryRunner(mode));
  }

  private trace(queryRunner: QueryRunner): QueryRunner {
    const query = queryRunner.query.bind(queryRunner) as (text: string, ...more: unknown[]) => Promise<unknown>;
    queryRunner.query = async (text: string, ...more: unknown[]): Promise<never> => {
      const end = this.beginStatement({ text });
      try {
        const result = await query(text, ...more);
        end?.();
        return result as never;
      } catch (error) {
        end?.(error);
        throw error;
      }
    };
    return queryRunner;
  }

  /** Nothing where no request asks for it. */
  private beginStatement({ name, text }: { name?: string; text: string }): ((error?: unknown) => void) | undefined {
    const parent = this.current.getStore();
    if (parent === undefined) return undefined;
    const operation = /\w+/.exec(text)?.[0].toUpperCase() ?? 'QUERY';
    const span = this.tracer.startSpan(
      name ?? operation,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'postgresql',
          'db.operation.name': operation,
          ...(name !== undefined && { 'db.query.summary': name }),
        },
      },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
    return (error) => endStatement(span, error);
  }

  private async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_MS)));
    await Promise.race([this.provider.shutdown().catch(() => undefined), tooLate]);
    clearTimeout(timer);
  }
}

function parentOf({ trace: parent }: FastifyRequest) {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, isSampled } = parent;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** An SQLSTATE says what went wrong; a message could hold values. */
function endStatement(span: Span, error?: unknown): void {
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

declare module 'fastify' {
  interface FastifyRequest {
    span?: Span;
  }
}
