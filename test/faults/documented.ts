import { expect } from 'vitest';
import type { Answer } from '../support/app.js';

const CHANGED: Record<string, string> = {
  'PUT /settings/organization': 'Organization settings partially updated successfully',
  'PUT /settings/user': 'User settings partially updated successfully',
};

/** Fails unless a reply to a request in which nothing is wrong is one that the contract knows, to the last member. */
export function expectDocumented(method: string, path: string, answer: Answer): void {
  const { status, headers, body } = answer;
  expect(headers['content-type']).toMatch(/^application\/json\b/);
  if (headers['x-request-id'] === undefined) expectProxy(answer);
  else if (status === 200) expect(body).toStrictEqual(successOf(method, path));
  else if (status === 503) {
    expect(body).toStrictEqual(refusal(path, 'Service unavailable', 'too many requests are waiting for the database'));
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  } else {
    expect(answer).toMatchObject({ status: 500 });
    const isConnection = (body as { error?: string }).error !== undefined;
    expect(body).toStrictEqual(
      refusal(path, 'Internal server error', isConnection ? 'Database connection failed' : undefined),
    );
  }
}

/** What the proxy of `deploy` answers by itself. The service's own replies have an id. */
function expectProxy({ status, headers, body }: Answer): void {
  expect([502, 503, 504]).toContain(status);
  const message = status === 503 ? 'Service unavailable' : 'Internal server error';
  expect(body).toStrictEqual({ success: false, message });
  if (status === 503) expect(headers['retry-after']).toBe('1');
}

function successOf(method: string, path: string): object {
  if (path.startsWith('/organization/')) {
    const data: unknown = expect.objectContaining({ id: path.split('/').at(-1) });
    return { success: true, data, ...(method === 'PUT' && { message: 'Organization updated successfully' }) };
  }
  if (method === 'GET') return { success: true, settings: expect.any(Object) as unknown };
  return { success: true, message: CHANGED[`${method} ${path}`] };
}

function refusal(path: string, message: string, error?: string): object {
  if (path.startsWith('/organization/')) return { success: false, data: null, message };
  return { success: false, message, ...(error !== undefined && { error }) };
}
