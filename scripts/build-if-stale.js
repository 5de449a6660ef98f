// Builds the service if it was never built or a source is newer than the build. Prints on standard error only, so that
// the output of the command behind it stays its own.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';

const SOURCES = ['src', 'ormconfig.ts', 'nest-cli.json', 'tsconfig.json', 'package.json'];
const BUILT = 'dist/src/main.js';

const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = Math.max(...SOURCES.flatMap(filesIn).map((path) => statSync(path).mtimeMs));

if (newest > built) {
  process.stderr.write('Building the service, once ...\n');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 2, 2], shell: true });
  process.exit(status ?? 1);
}

function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}
