import { afterAll } from 'vitest';
import { statementLog } from './statement-log.js';

/** Runs after all hooks of the test file itself. */
afterAll(async () => {
  const { schema } = statementLog;
  if (schema === undefined) return;
  const { describeForgetful, forgetfulStatements } = await import('./forgetful-statements.js');
  const forgetful = forgetfulStatements(statementLog.take(), schema);
  if (forgetful.length > 0) {
    throw new Error(
      `Statements that forgot their owner (docs/adr/0012-second-wall-between-tenants.md):\n\n${forgetful.map(describeForgetful).join('\n\n')}`,
    );
  }
});
