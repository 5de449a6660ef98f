import { resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { runCommand } from './process.js';

/**
 * Brings the schema of a database up to date, as `npm run migration:run` does with what was built.
 *
 * @param variables lead to it
 */
export function migrate(variables: Record<string, string>): Promise<void> {
  return run([resolve('dist/src/migrate.js')], variables);
}

/** Takes the last migration back, as `npm run migration:revert` does. */
export function revertMigration(variables: Record<string, string>): Promise<void> {
  return run(
    [resolve('node_modules/typeorm/cli.js'), 'migration:revert', '-d', resolve('dist/ormconfig.js')],
    variables,
  );
}

/** Takes back all migrations after one, the last first; without a name, all. In one process, which takes less time. */
export function revertMigrationsAfter(name: string | undefined, variables: Record<string, string>): Promise<void> {
  const script = `
    import dataSource from ${JSON.stringify(pathToFileURL(resolve('dist/ormconfig.js')).href)};
    await dataSource.initialize();
    const done = await dataSource.query('select name from migrations order by id');
    const kept = done.findIndex(({ name }) => name === ${JSON.stringify(name ?? null)}) + 1;
    if (kept === 0 && ${name !== undefined}) throw new Error('There is no such migration');
    for (let left = done.length; left > kept; left--) await dataSource.undoLastMigration({ transaction: 'each' });
    await dataSource.destroy();`;
  return run(['--input-type=module', '--eval', script], variables);
}

/** Away from any `.env` of the checkout. */
async function run(command: string[], variables: Record<string, string>): Promise<void> {
  const { code, stdout, stderr } = await runCommand(process.execPath, command, tmpdir(), variables);
  if (code !== 0) throw new Error(`The migrations failed: ${stdout}${stderr}`);
}
