import type { SystemEvent } from '@flashback/client/lossless';
import { expect, it } from 'vitest';
import { csvOf } from './csv.js';

const EVENT: SystemEvent = {
  id: 1,
  timestamp: '2026-11-21T12:00:00.000Z',
  event: 'updated',
  context: 'orgsettings',
  contextId: 'acme',
  orgId: 'acme',
  userId: 'ada',
  userName: 'Ada, "Countess"',
  userEmail: 'ada@acme.example',
  workspaceId: null,
  jsonData: '{"version":2,"reason":"two\\nlines"}',
  showUnread: true,
};

it('quotes what needs quotes', () => {
  expect(csvOf([EVENT])).toBe(
    'timestamp,event,context,contextId,userEmail,userName,userId,reason,jsonData\r\n' +
      '2026-11-21T12:00:00.000Z,updated,orgsettings,acme,ada@acme.example,"Ada, ""Countess""",ada,"two\nlines",' +
      '"{""version"":2,""reason"":""two\\nlines""}"\r\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('is no formula to who opens it: %s', (reason) => {
  const csv = csvOf([{ ...EVENT, jsonData: JSON.stringify({ reason }) }]);
  expect(csv).toContain(`,'${reason},`);
});

it.each([
  ['a;=1+1', "a;'=1+1"],
  ['a;"=1+1";b', 'a;"\'=1+1";b'],
  ['a\n@SUM(A1)', "a\n'@SUM(A1)"],
  ['a; b-1, c=2', 'a; b-1, c=2'],
])('is no formula either to who takes something else for the end of a cell: %s', (userName, harmless) => {
  expect(csvOf([{ ...EVENT, userName }])).toContain(
    /["\n,]/.test(harmless) ? `,"${harmless.replaceAll('"', '""')}",` : `,${harmless},`,
  );
});
