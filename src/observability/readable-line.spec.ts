import { expect, it } from 'vitest';
import { readableLine } from './readable-line.js';

const line = (fields: object) =>
  readableLine(JSON.stringify({ level: 'info', time: '2026-11-21T12:00:00Z', ...fields }));

it('is for people', () => {
  expect(line({ context: 'Service', msg: 'Listening' })).toBe('2026-11-21T12:00:00Z INFO  [Service] Listening\n');
  expect(line({ context: 'Request', route: '/organization/:orgId', status: 200, ms: 1.25 })).toBe(
    '2026-11-21T12:00:00Z INFO  [Request] route=/organization/:orgId status=200 ms=1.25\n',
  );
});

it('shows a stack below', () => {
  expect(line({ level: 'error', msg: 'Failed', stack: 'Error: x\n    at y' })).toBe(
    '2026-11-21T12:00:00Z ERROR Failed\nError: x\n    at y\n',
  );
});

it('quotes what could pass for another field or line', () => {
  expect(line({ user_id: 'a b=c\n\u001b[2J' })).toBe('2026-11-21T12:00:00Z INFO  user_id="a b=c\\n\\u001b[2J"\n');
});
