/** Starts the consistency check: `main.ts`, run as it is, because Node 20 reads no TypeScript. */
import { runnerImport } from 'vite';

try {
  const { module } = await runnerImport('./test/consistency/main.ts', { configFile: false, logLevel: 'error' });
  process.exitCode = await module.main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 2;
}
