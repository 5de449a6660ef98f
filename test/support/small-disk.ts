import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from './cleanup.js';

const MIB = 1024 * 1024;

/** A file system of a few megabytes, in memory, that can be filled to the last byte. */
export class SmallDisk {
  private constructor(
    readonly folder: string,
    private readonly cleanup: Cleanup,
  ) {}

  /** Whether this machine lets us mount one: it takes root, and a container may forbid it all the same. */
  static isPossible(): boolean {
    const folder = mkdtempSync(join(tmpdir(), 'flashback-disk-'));
    try {
      mount(folder, 1);
      execFileSync('umount', [folder]);
      return true;
    } catch {
      return false;
    } finally {
      rmdirSync(folder);
    }
  }

  static mount(mebibytes: number): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'flashback-disk-'));
    mount(folder, mebibytes);
    return new SmallDisk(folder, new Cleanup('umount -l "$1"; rmdir "$1"', [folder]));
  }

  /** Leaves no byte free. */
  fill(): void {
    for (const bytes of [MIB, 4096]) this.append(Buffer.alloc(bytes));
  }

  free(): void {
    rmSync(this.filler);
  }

  async unmount(): Promise<void> {
    await this.cleanup.run();
  }

  private get filler(): string {
    return join(this.folder, 'filler');
  }

  /** Until it does not fit any more. */
  private append(bytes: Buffer): void {
    try {
      for (;;) writeFileSync(this.filler, bytes, { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

function mount(folder: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
}
