import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommanderError } from 'commander';
import { AppModule } from '../app.module.js';
import { isUserId } from '../auth/principal.js';
import { loadSigningKey } from '../auth/signing-key.js';
import { TokenService } from '../auth/token.service.js';
import { AppError } from '../common/errors/app-error.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { loadEnvironment, loadEnvironmentWithoutDatabase } from '../config/environment.js';
import { explainFailure } from '../config/startup-failure.js';
import { FolderInUseError } from '../database/folder-lock.js';
import { ForeignIssuerError } from './admin.errors.js';
import { AdministrationService } from './administration.service.js';
import { parseDuration } from './duration.js';

/** Runs one task on the services, and prints what it returns: text as it is, anything else as one line of JSON. */
async function run(task: (administration: AdministrationService) => Promise<unknown>): Promise<void> {
  let context: INestApplicationContext | undefined;
  try {
    context = await NestFactory.createApplicationContext(AppModule.register(loadEnvironment(), { isCommand: true }), {
      logger: false,
      abortOnError: false,
    });
    print(await task(context.get(AdministrationService)));
  } finally {
    await context?.close();
  }
}

function print(result: unknown): void {
  process.stdout.write(`${typeof result === 'string' ? result : JSON.stringify(result)}\n`);
}

async function issueToken({ user, expiresIn }: { user: string; expiresIn: string }): Promise<void> {
  const seconds = parseDuration(expiresIn);
  if (!isUserId(user)) throw new InvalidInputError('user must be an id of 1 to 255 characters, or an email');
  const environment = loadEnvironmentWithoutDatabase();
  if (environment.identityProvider !== undefined) throw new ForeignIssuerError(environment.identityProvider.issuer);
  const tokens = new TokenService(loadSigningKey(environment));
  if (user.includes('@')) await run(async (admin) => tokens.issue((await admin.findUser(user)).id, seconds));
  else print(tokens.issue(user, seconds));
}

const program = new Command('admin')
  .description(
    'Administers organizations and users. Prints one line of JSON, or a token alone; messages go to standard error.',
  )
  .exitOverride();

program
  .command('create-organization')
  .description('make an organization')
  .requiredOption('--name <name>')
  .option('--domain <domain>')
  .action((options: { name: string; domain?: string }) => run((admin) => admin.createOrganization(options)));

program
  .command('create-user')
  .description('make a user, in an organization or in none')
  .requiredOption('--email <email>')
  .requiredOption('--name <name>')
  .option('--last-name <name>')
  .option('--id <subject>', "the identity provider's subject, instead of a new UUID")
  .option('--organization <id>')
  .option('--role <role>', 'USER, BILLING, WORKSPACES, ADMINISTRATOR or OWNER')
  .action((options: Parameters<AdministrationService['createUser']>[0]) => run((admin) => admin.createUser(options)));

program
  .command('issue-token')
  .description('make a token for a user; needs no database when given an id (without an @)')
  .requiredOption('--user <id|email>')
  .option('--expires-in <duration>', 'such as 90s, 15m, 1h or 30d', '1h')
  .action(issueToken);

program
  .command('list-organizations')
  .description('list every organization')
  .action(() => run((admin) => admin.listOrganizations()));

program
  .command('list-users')
  .description('list users')
  .option('--organization <id>', 'only those of this organization')
  .action(({ organization }: { organization?: string }) => run((admin) => admin.listUsers(organization)));

program
  .command('set-role')
  .description('give a member another role')
  .requiredOption('--user <id|email>')
  .requiredOption('--role <role>')
  .action(({ user, role }: { user: string; role: string }) => run((admin) => admin.setRole(user, role)));

program
  .command('delete-user')
  .description('soft-delete a user: they are nobody until restored')
  .requiredOption('--user <id|email>')
  .action(({ user }: { user: string }) => run((admin) => admin.deleteUser(user)));

program
  .command('restore-user')
  .description('take a soft-deletion back')
  .requiredOption('--user <id|email>')
  .action(({ user }: { user: string }) => run((admin) => admin.restoreUser(user)));

program
  .command('erase-user')
  .description('erase a soft-deleted user for good, with their settings and history')
  .requiredOption('--user <id|email>')
  .action(({ user }: { user: string }) => run((admin) => admin.eraseUser(user)));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
  if (!(error instanceof CommanderError)) process.stderr.write(`${explain(error)}\n`);
}

function explain(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (error instanceof FolderInUseError) {
    return `${error.message}: stop the service first, or let both use a PostgreSQL server (DATABASE_URL)`;
  }
  return explainFailure(error);
}
