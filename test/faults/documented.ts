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
  if (status === 200) expect(body).toStrictEqual(successOf(method, path));
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
