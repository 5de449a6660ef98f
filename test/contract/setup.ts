import { afterAll, afterEach } from 'vitest';
import { takeProblems } from '../support/reply-problems.js';

/** Fails a test in which the service replied otherwise than the OpenAPI document says. */
function failForProblems(): void {
  const problems = takeProblems();
  if (problems.length > 0) throw new Error(`Replies that openapi.json does not describe:\n\n${problems.join('\n\n')}`);
}

afterEach(failForProblems);
afterAll(failForProblems);
