import { expect, it } from 'vitest';
import { acceptsEventStream } from './accept.js';

it.each([
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['text/*', true],
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['application/json, text/event-stream;q=0.1', true],
  ['application/json, */*;q=0.1', true],
  ['application/json', false],
  ['text/event-stream;q=0', false],
  ['text/event-stream;q=0, */*', false],
  ['text/*;q=0, */*', false],
  ['nonsense', false],
])('Accept: %s allows an event stream: %s', (accept, expected) => {
  expect(acceptsEventStream(accept)).toBe(expected);
});
