import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { type CollectedSpan, Collector } from '../support/collector.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

let collector: Collector;
let organization: TestOrganization;
const CHANGED = ['/settings/organization', '/settings/user', '/organization/{id}'];
const lines: Record<string, unknown>[] = [];
const inOneTrace = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
const traceOf = (requestId: string) => lines.find((line) => line['request_id'] === requestId)!['trace_id'] as string;

beforeAll(async () => {
  collector = await Collector.start();
  const app = await TestApp.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'log' }, undefined, {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  organization = await anOrganization(app.dataSource);
  const as = organization.owner;
  const request = (id: string, method: string, path: string, body?: unknown, traceparent?: string, headers = {}) =>
    app.request(method, path, {
      as,
      body,
      headers: { 'x-request-id': id, 'change-reason': 'reason-zulu', ...(traceparent && { traceparent }), ...headers },
    });
  await request('write', 'PUT', '/settings/organization', { key: 'value-zulu' }, `00-${TRACE}-${SPAN}-01`);
  for (const [place, path] of CHANGED.entries()) {
    const at = path.replace('{id}', organization.id);
    await request(`passes-${place}`, 'PUT', at, { city: 'Bonn' });
    await request(`refused-${place}`, 'PUT', at, { city: 'Ulm' }, undefined, { 'if-match': '"99"' });
  }
  await request('unsampled', 'GET', '/settings/organization', undefined, `00-${'a'.repeat(32)}-${SPAN}-00`);
  await request('new', 'GET', `/organization/${organization.id}?query-zulu`);
  await Promise.all(Array.from({ length: 20 }, (_, n) => request(`many-${n}`, 'GET', '/settings/organization')));
  await app.dataSource.query('alter table organization_settings rename to gone');
  await request('failed', 'PUT', '/settings/organization', { key: 'value-zulu' });
  // What is left is sent at the end.
  await app.close();
});
afterAll(() => collector.stop());

const server = (spans: CollectedSpan[]) => spans.filter(({ kind }) => kind === SERVER);
const client = (spans: CollectedSpan[]) => spans.filter(({ kind }) => kind === CLIENT);

it('continues the trace of the caller, with a span for the request and one for each statement', () => {
  const spans = inOneTrace(TRACE);
  const [span, ...others] = server(spans);
  expect(others).toStrictEqual([]);
  expect(span).toMatchObject({ name: 'PUT /settings/organization', parentSpanId: SPAN });
  expect(span!.attributes).toStrictEqual({
    'http.request.method': 'PUT',
    'http.route': '/settings/organization',
    'url.scheme': 'http',
    'http.response.status_code': 200,
  });
  const statements = client(spans);
  expect(statements.length).toBeGreaterThan(0);
  for (const { parentSpanId, attributes } of statements) {
    expect(parentSpanId).toBe(span!.spanId);
    expect(attributes['db.system.name']).toBe('postgresql');
    expect(attributes['db.operation.name']).toMatch(/^(SELECT|WITH|INSERT)$/);
  }
  expect(statements.some(({ name, attributes }) => name === attributes['db.query.summary'])).toBe(true);
});

it.each(CHANGED)('has one statement of a change that a precondition refuses: %s', (path) => {
  const [passes, refused] = ['passes', 'refused'].map((which) => {
    const spans = inOneTrace(traceOf(`${which}-${CHANGED.indexOf(path)}`));
    return { status: server(spans)[0]!.attributes['http.response.status_code'], statements: client(spans).length };
  });
  expect(passes).toStrictEqual({ status: 200, statements: 1 });
  expect(refused).toStrictEqual({ status: 412, statements: 1 });
});

it('tells the line of the request its own span', () => {
  const line = lines.find((one) => one['request_id'] === 'write');
  expect(line).toMatchObject({ trace_id: TRACE, span_id: server(inOneTrace(TRACE))[0]!.spanId });
});

it('begins a trace where the caller has none, and sends none that the caller does not keep', () => {
  const spans = inOneTrace(traceOf('new'));
  expect(server(spans)).toHaveLength(1);
  expect(server(spans)[0]).toMatchObject({ name: 'GET /organization/:orgId' });
  expect(server(spans)[0]!.parentSpanId ?? '').toBe('');
  expect(inOneTrace('a'.repeat(32))).toStrictEqual([]);
});

it('keeps the statements of simultaneous requests apart', () => {
  for (let n = 0; n < 20; n++) {
    const spans = inOneTrace(traceOf(`many-${n}`));
    expect(server(spans)).toHaveLength(1);
    expect(client(spans)).toHaveLength(1);
  }
});

it('marks what failed, by the SQLSTATE and the status', () => {
  const spans = inOneTrace(traceOf('failed'));
  expect(server(spans)[0]).toMatchObject({ status: { code: ERROR }, attributes: { 'http.response.status_code': 500 } });
  expect(client(spans).some(({ attributes }) => attributes['error.type'] === '42P01')).toBe(true);
});

it('shows no value, no reason, no query and no id', () => {
  expect(collector.received).not.toMatch(/zulu/);
  expect(collector.received).not.toContain(organization.owner);
  expect(collector.received).not.toContain(organization.id);
  expect(collector.resources[0]).toMatchObject({ 'service.name': 'flashback-backend' });
});
