import { parse, type SystemEvent } from '@flashback/client/lossless';

const COLUMNS = [
  'timestamp',
  'event',
  'context',
  'contextId',
  'userEmail',
  'userName',
  'userId',
  'reason',
  'jsonData',
] as const;

/** Events as a table (RFC 4180), in which no cell is a formula to who opens it. */
export function csvOf(events: readonly SystemEvent[]): string {
  const rows = events.map((event) => {
    const values = { ...event, reason: reasonOf(event) };
    return COLUMNS.map((column) => cellOf(values[column])).join(',');
  });
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

/** Why it was done, as far as somebody said so. */
export function reasonOf({ jsonData }: SystemEvent): string | null {
  return (parse(jsonData ?? '{}') as { reason?: string | null }).reason ?? null;
}

function cellOf(value: string | null | undefined): string {
  const text = value ?? '';
  // Some take a semicolon, or the end of a line, for the end of a cell.
  const harmless = text.replace(/(^|[;\t\r\n]"*)(?=[=+\-@\t\r])/g, "$1'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
