import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A statement, its name if it is a prepared one, and the method of ours that issued it. */
export interface IssuedStatement {
  readonly by: string;
  readonly name?: string;
  readonly text: string;
}

/** A line of such a file (test/inside/record-statements.js). */
type Entry = IssuedStatement | { readonly method: string } | { readonly call: string };

/** What a process has done so far that a test started. */
export class Recording {
  constructor(private readonly entries: readonly Entry[]) {}

  /** In their order, each as often as it was issued. */
  get statements(): IssuedStatement[] {
    return this.entries.filter((entry) => 'text' in entry);
  }

  /** The methods of repositories, as `Class.method`. */
  get methods(): Set<string> {
    return new Set(this.entries.flatMap((entry) => ('method' in entry ? entry.method : [])));
  }

  /** Those that were called, in their order. */
  get calls(): string[] {
    return this.entries.flatMap((entry) => ('call' in entry ? entry.call : []));
  }
}

/** The files in which the processes of one test file record the statements that they issue. */
export class StatementLog {
  private folder: string | undefined;
  private files = 0;

  open(): void {
    this.folder = mkdtempSync(join(tmpdir(), 'flashback-statements-'));
  }

  /** For one process; `undefined` where nobody asked for recordings. */
  newFile(): string | undefined {
    return this.folder === undefined ? undefined : join(this.folder, String(this.files++));
  }

  /** What all of them did so far, each thing once. */
  read(): Recording {
    const { folder } = this;
    if (folder === undefined) return new Recording([]);
    const entries = readdirSync(folder).flatMap((file) => readEntries(join(folder, file)));
    return new Recording([...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()]);
  }

  close(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true });
    this.folder = undefined;
  }
}

/** What one of them did so far. */
export function readRecording(file: string): Recording {
  return new Recording(readEntries(file));
}

function readEntries(file: string): Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const known: Entry[] = [];
  return lines.map((line) => {
    if (!line.startsWith('{')) return known[Number(line)]!;
    const entry = JSON.parse(line) as Entry;
    known.push(entry);
    return entry;
  });
}

export const statementLog = new StatementLog();
