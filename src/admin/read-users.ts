import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import type { CreateUserDto } from './dto/create-user.dto.js';
import { UnreadableFileError } from './admin.errors.js';
import type { ImportedRow } from './administration.service.js';

const COLUMNS = ['email', 'name', 'lastName', 'organization', 'role', 'id'] as const;

/** A row of a file, and the line that it ends on. */
interface Row {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/**
 * The users in a CSV file (RFC 4180), whose header names some of `email,name,lastName,organization,role,id`. An empty
 * field is none. A row of another length than the header is one with a problem.
 *
 * @throws UnreadableFileError
 */
export async function readUsers(path: string): Promise<ImportedRow[]> {
  const [head, ...rows] = await readRows(path);
  const columns = requireColumns(path, head?.record ?? []);
  return rows.map(({ record, info }) => ({
    line: info.lines,
    values: valuesOf(columns, record),
    ...(record.length !== columns.length && {
      problem: `the row has ${record.length} fields, and the header ${columns.length}`,
    }),
  }));
}

async function readRows(path: string): Promise<Row[]> {
  try {
    const text = await readFile(path, 'utf8');
    const options = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true };
    return parse(text, options as never) as unknown as Row[];
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

function valuesOf(columns: readonly string[], record: readonly string[]): Partial<CreateUserDto> {
  const fields = columns.map((column, n) => [column, record[n] ?? ''] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== ''));
}
