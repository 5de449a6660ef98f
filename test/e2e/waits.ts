import { expect } from 'vitest';
import type { Answer, RequestOptions, TestApp } from '../support/app.js';

/** What is promised, in milliseconds, and how much later an answer may come on a busy machine. */
export const LIMIT_MS = 5_000;
export const SLACK_MS = 1_900;

export interface Timed {
  answer: Answer;
  ms: number;
}

export async function timedAt(at: TestApp, method: string, path: string, options: RequestOptions): Promise<Timed> {
  const start = performance.now();
  const answer = await at.request(method, path, options);
  return { answer, ms: performance.now() - start };
}

export function expectRefusal({ answer, ms }: Timed): void {
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  expect(ms).toBeGreaterThan(LIMIT_MS - 100);
  expect(ms).toBeLessThan(LIMIT_MS + SLACK_MS);
}

export const SETTINGS = 'select from organization_settings where organization_id = $1 for update';
export const USER_SETTINGS = 'select from user_settings where user_id = $1 for update';
export const PROFILE = 'select from organizations where id = $1 for update';
export const USER = 'select from users where id = $1 for update';
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
