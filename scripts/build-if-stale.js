// Builds the parts that the arguments name, by default all, if they were never built or a source is newer than
// the build. Prints on standard error only, so that the output of the command behind it stays its own.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';

const PARTS = {
  service: {
    sources: [
      'src',
      'ormconfig.ts',
      'nest-cli.json',
      'tsconfig.json',
      'package.json',
      'package-lock.json',
      'scripts/bundle.js',
      'scripts/swagger-plugin.js',
    ],
    built: 'dist/service/main.js',
  },
  client: {
    sources: ['client/src', 'client/scripts/build.js', 'client/tsconfig.json', 'client/tsconfig.cjs.json'],
    built: 'client/dist/cjs/package.json',
  },
  console: {
    sources: [
      'console/src',
      'console/index.html',
      'console/public',
      'console/package.json',
      'console/vite.config.ts',
      'client/src',
    ],
    built: 'console/dist/index.html',
  },
};

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(PARTS)) buildIfStale(name, PARTS[name]);

function buildIfStale(name, { sources, built }) {
  // The container image has what was built, and no sources.
  if (!existsSync(sources[0])) return;
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const changedAt = Math.max(...sources.flatMap(filesIn).map((path) => statSync(path).mtimeMs));
  if (changedAt <= builtAt) return;
  process.stderr.write(`Building the ${name}, once ...\n`);
  const { status } = spawnSync(`npm run --silent build:${name}`, { stdio: ['ignore', 2, 2], shell: true });
  if (status !== 0) process.exit(status ?? 1);
}

function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}
