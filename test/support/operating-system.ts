import { execFileSync } from 'node:child_process';

/** Who runs a process. */
export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/** For programs that refuse to run as root, such as PostgreSQL; absent: they may run as the one who runs the tests. */
export const OS_USER = unprivilegedUser();

function unprivilegedUser(): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = [outputOf('id', ['-u', name]), outputOf('id', ['-g', name])];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** What a program prints; nothing where there is none, or it fails. */
export function outputOf(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
