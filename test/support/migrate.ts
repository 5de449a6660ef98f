import { resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { runCommand } from './process.js';

/**
 * Brings the schema of a database up to date, or takes the last migration back, as `npm run migration:…` does with what was
 * built.
 *
 * @param variables lead to it
 */
export async function migrate(variables: Record<string, string>, direction: 'run' | 'revert' = 'run'): Promise<void> {
  const cli = resolve('node_modules/typeorm/cli.js');
  const args = [cli, `migration:${direction}`, '-d', resolve('dist/ormconfig.js')];
  // Away from any `.env` of the checkout.
  const { code, stdout, stderr } = await runCommand(process.execPath, args, tmpdir(), variables);
  if (code !== 0) throw new Error(`The migrations failed: ${stdout}${stderr}`);
}
