import { expect, it } from 'vitest';
import { weightOf } from './accept.js';

it.each([
  [undefined, 1],
  ['', 1],
  ['*/*', 1],
  ['text/*', 1],
  ['text/event-stream', 1],
  ['Text/Event-Stream; charset=utf-8', 1],
  ['application/json, text/event-stream;q=0.1', 0.1],
  ['application/json, */*;q=0.1', 0.1],
  ['application/json', 0],
  ['text/event-stream;q=0', 0],
  ['text/event-stream;q=0, */*', 0],
  ['text/*;q=0, */*', 0],
  ['nonsense', 0],
])('Accept: %s wants an event stream with weight %s', (accept, expected) => {
  expect(weightOf(accept, 'text/event-stream')).toBe(expected);
});
