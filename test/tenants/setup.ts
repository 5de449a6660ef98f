import { afterAll, inject } from 'vitest';
import { statementLog } from './statement-log.js';

statementLog.open();

/** Runs after all hooks of the test file itself. */
afterAll(async () => {
  const { statements } = statementLog.read();
  statementLog.close();
  if (statements.length === 0) return;
  const { describeForgetful, forgetfulStatements } = await import('./forgetful-statements.js');
  const forgetful = forgetfulStatements(statements, inject('schema'));
  if (forgetful.length > 0) {
    throw new Error(
      `Statements that forgot their owner (docs/adr/0012-second-wall-between-tenants.md):\n\n${forgetful.map(describeForgetful).join('\n\n')}`,
    );
  }
});
