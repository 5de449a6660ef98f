import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';

/** Another process works in the folder. */
export class FolderInUseError extends Error {
  constructor(folder: string, holder: string) {
    super(`The embedded database in ${folder} is in use by another process${holder && ` (pid ${holder})`}`);
    this.name = 'FolderInUseError';
  }
}

/**
 * Keeps a folder for this process alone. It is a lock of the operating system on an open file, which ends with the
 * process, however it dies, so a leftover file never blocks a start.
 */
export class FolderLock {
  private constructor(private readonly descriptor: number) {}

  /**
   * Makes the folder if there is none.
   *
   * @throws FolderInUseError
   */
  static acquire(folder: string): FolderLock {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'lock');
    const descriptor = openSync(path, 'a+', 0o600);
    if (!tryLock(descriptor)) {
      closeSync(descriptor);
      throw new FolderInUseError(folder, readHolder(path));
    }
    ftruncateSync(descriptor);
    writeSync(descriptor, String(process.pid));
    return new FolderLock(descriptor);
  }

  release(): void {
    closeSync(this.descriptor);
  }
}

/** The pid is only for the reader of the message: Windows refuses to show a locked file, and that is fine. */
function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
