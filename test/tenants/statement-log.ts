import type { OwnedSchema } from './owner-check.js';

/** A statement, and the method of ours that issued it. */
export interface IssuedStatement {
  readonly by: string;
  readonly text: string;
}

/** The statements that the application issued in this test file, each once for each method. */
export class StatementLog {
  private readonly statements = new Map<string, IssuedStatement>();
  /** The methods of repositories that were called. */
  readonly calls = new Set<string>();
  /** Known when the first application has started. */
  schema: OwnedSchema | undefined;

  add(by: string, text: string): void {
    this.statements.set(`${by}\n${text}`, { by, text });
  }

  /** Forgets them, too. */
  take(): IssuedStatement[] {
    const taken = [...this.statements.values()];
    this.statements.clear();
    return taken;
  }
}

export const statementLog = new StatementLog();
