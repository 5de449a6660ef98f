/** Where a request stands in a trace that spans several services (W3C Trace Context §3.2). */
export interface TraceContext {
  /** 32 hexadecimal digits, the same for the whole trace. */
  readonly traceId: string;
  /** 16 hexadecimal digits: our own span where spans are made, else the caller's. */
  readonly spanId: string;
  /** Whether the caller keeps the trace. */
  readonly isSampled: boolean;
}

/** Versions after 00 may have more at the end (§3.2.4); ff is none. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** What a `traceparent` header says; nothing where it is malformed, so that the trace begins anew (§3.2.3). */
export function parseTraceparent(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || traceId === NO_TRACE || spanId === undefined || spanId === NO_SPAN) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags ?? '0', 16) & 1) === 1 };
}

declare module 'fastify' {
  interface FastifyRequest {
    trace?: TraceContext;
  }
}
