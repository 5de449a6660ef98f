import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
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
import type { DataSource } from 'typeorm';
import type { Environment } from '../config/environment.js';
import type { RequestSpan, Tracing } from './tracing.js';

/** How long the end of the process waits for the collector, in milliseconds. */
const FLUSH_MS = 2_000;

type Callback = (error: unknown, ...results: unknown[]) => void;

/** The part of pg's `Pool` and `Client` through which all statements go. */
interface Pool {
  connect(callback?: Callback): Promise<Client> | void;
}
interface Client {
  query(...args: unknown[]): unknown;
}

/**
 * Spans in the words of OpenTelemetry's semantic conventions (HTTP server, database client), sent by OTLP over HTTP with
 * JSON. The SDK reads the rest of the standard `OTEL_` variables itself: headers, sampler, batches, resource.
 *
 * 1. A request's span says method, route pattern and status: no address, no id, no header.
 * 2. A statement's span says the statement's name or, without one, its first word: no text, no values. It begins when the
 *    statement has its connection.
 * 3. A statement that no request asked for has no span.
 */
export class OpenTelemetryTracing implements Tracing {
  private readonly provider: BasicTracerProvider;
  private readonly current = new AsyncLocalStorage<Span | undefined>();
  private readonly traced = new WeakSet<Client>();

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

  attach(fastify: FastifyInstance, dataSource: DataSource): void {
    // After the body was read: its events do not come from within the hooks before.
    fastify.addHook('preValidation', (request, _, done) => this.current.run(request.span, done));
    fastify.addHook('onClose', () => this.stop());
    const { master } = dataSource.driver as unknown as { master: Pool };
    const connect = master.connect.bind(master);
    master.connect = (callback) => {
      if (callback === undefined) return (connect() as Promise<Client>).then((client) => this.trace(client));
      // The pool calls back from within whichever request gave the connection back.
      const bound = AsyncResource.bind(callback);
      void connect((error, client, ...rest) =>
        bound(error, client === undefined ? client : this.trace(client as Client), ...rest),
      );
    };
  }

  private trace<C extends Client>(client: C): C {
    if (this.traced.has(client)) return client;
    this.traced.add(client);
    const query = client.query.bind(client);
    client.query = (...args) => {
      const parent = this.current.getStore();
      if (parent === undefined) return query(...args);
      const span = this.beginStatement(args[0], parent);
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        const called: Callback = (error, ...results) => {
          endStatement(span, error);
          (callback as Callback)(error, ...results);
        };
        return query(...args.slice(0, -1), called);
      }
      const result = query(...args);
      if (result instanceof Promise) {
        result.then(
          () => endStatement(span),
          (error: unknown) => endStatement(span, error),
        );
      } else span.end();
      return result;
    };
    return client;
  }

  private beginStatement(query: unknown, parent: Span): Span {
    const { name, text } = typeof query === 'string' ? { text: query } : (query as { name?: string; text?: string });
    const operation = /\w+/.exec(text ?? '')?.[0].toUpperCase() ?? 'QUERY';
    return this.tracer.startSpan(
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
