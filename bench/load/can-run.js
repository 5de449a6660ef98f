import { execFile } from 'node:child_process';

/** Whether a command is installed. */
export function canRun(command) {
  return new Promise((resolve) => {
    execFile(command, ['--version'], (error) => resolve(error?.code !== 'ENOENT'));
  });
}
