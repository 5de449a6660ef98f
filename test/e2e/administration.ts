import { afterAll, beforeAll, expect, vi } from 'vitest';
import { AdminSession } from '../support/admin-session.js';
import { JWT_SECRET } from '../support/app.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { aFolder, type Finished, runAdmin } from '../support/process.js';

/** The administration command on a database of its own, for the tests of a file. */
export function administrationStage(): AdministrationStage {
  vi.setConfig({ testTimeout: 120_000 });
  const stage = new AdministrationStage();
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  return stage;
}

/** What such tests use. */
class AdministrationStage {
  folder!: Awaited<ReturnType<typeof aFolder>>;
  private database!: TestDatabase;
  /** For most commands, of which there are many. */
  private session!: AdminSession;

  async start(): Promise<void> {
    this.folder = await aFolder();
    this.database = await aDatabase();
    this.session = new AdminSession(this.variables());
  }

  async stop(): Promise<void> {
    await this.database.drop();
    await this.folder.remove();
  }

  readonly variables = () => ({ ...this.database.variables, JWT_SECRET });

  /** Runs a command as a process of its own. */
  readonly admin = (...args: string[]): Promise<Finished> => runAdmin(this.folder.path, args, this.variables());

  /** The same in the session. */
  readonly run = (args: string[]): Promise<Finished> => this.session.run(args, this.variables());

  /** Runs a command that must succeed with one line of JSON and nothing else. */
  readonly row = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await this.run(args);
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[{[].*[}\]]\n$/);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
}
