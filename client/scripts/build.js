// Compiles the sources twice: ES modules with their types into dist/esm, CommonJS with its types into dist/cjs.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TSC = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
for (const project of ['tsconfig.json', 'tsconfig.cjs.json']) {
  const { status } = spawnSync(process.execPath, [TSC, '--project', project], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs", "sideEffects": false }\n');
