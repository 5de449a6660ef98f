import { readFile } from 'node:fs/promises';
import { CsvError, type Info, parse } from 'csv-parse/sync';
import type { CreateUserDto } from './dto/create-user.dto.js';
import { UnreadableFileError } from './admin.errors.js';
import type { ImportedRow } from './administration.service.js';

const COLUMNS = ['email', 'name', 'lastName', 'organization', 'role', 'id'] as const;

/**
 * The users in a CSV file (RFC 4180), whose header names some of `email,name,lastName,organization,role,id`. An empty
 * field is none.
 *
 * @throws UnreadableFileError
 */
export async function readUsers(path: string): Promise<ImportedRow[]> {
  try {
    const text = await readFile(path, 'utf8');
    const rows = parse<{ record: Record<string, string>; info: Info }>(text, {
      columns: (header: string[]) => requireColumns(path, header),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
    } as never) as unknown as { record: Record<string, string>; info: Info }[];
    return rows.map(({ record, info }) => ({ line: info.lines, values: valuesOf(record) }));
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableFileError(path, error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UnreadableFileError(path, 'there is no such file');
    if (code === 'EACCES' || code === 'EISDIR') throw new UnreadableFileError(path, code);
    throw error;
  }
}

function requireColumns(path: string, header: string[]): string[] {
  const unknown = header.find((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UnreadableFileError(
      path,
      `the header names ${JSON.stringify(unknown)}, not one of ${COLUMNS.join(', ')}`,
    );
  }
  const missing = ['email', 'name'].find((name) => !header.includes(name));
  if (missing !== undefined) throw new UnreadableFileError(path, `the header does not name ${missing}`);
  return header;
}

function valuesOf(record: Record<string, string>): Partial<CreateUserDto> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''));
}
