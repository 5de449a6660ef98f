import { readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommanderError } from 'commander';
import { AppModule } from '../app.module.js';
import { isUserId } from '../auth/principal.js';
import { loadSigningKey } from '../auth/signing-key.js';
import { TokenService } from '../auth/token.service.js';
import { readOperatorOrigin } from '../history/change-reason.js';
import { AppError } from '../common/errors/app-error.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { loadEnvironment, loadEnvironmentWithoutDatabase } from '../config/environment.js';
import { explainFailure } from '../config/startup-failure.js';
import { hasEmbeddedDatabase } from '../database/embedded-pool.js';
import { FolderInUseError } from '../database/folder-lock.js';
import { SERVICE_SCOPES, type ServiceScope } from '../auth/service-scope.js';
import {
  AdminError,
  AlreadyDeletedError,
  ForeignIssuerError,
  UnreadableFileError,
  UnknownServiceError,
  UnknownUserError,
} from './admin.errors.js';
import { AdministrationService } from './administration.service.js';
import { parseDuration } from './duration.js';
import { HistoryService } from './history.service.js';
import { readUsers } from './read-users.js';
import { ServiceAdministrationService } from './service-administration.service.js';
import { SystemSettingsService } from './system-settings.service.js';

type Task<Result> = (
  administration: AdministrationService,
  services: ServiceAdministrationService,
  history: HistoryService,
  system: SystemSettingsService,
) => Promise<Result>;

/** Runs one task on the services. */
async function perform<Result>(task: Task<Result>, environment = loadEnvironment()): Promise<Result> {
  let context: INestApplicationContext | undefined;
  try {
    context = await NestFactory.createApplicationContext(AppModule.register(environment, { isCommand: true }), {
      logger: false,
      abortOnError: false,
    });
    return await task(
      context.get(AdministrationService),
      context.get(ServiceAdministrationService),
      context.get(HistoryService),
      context.get(SystemSettingsService),
    );
  } finally {
    await context?.close();
  }
}

/** Runs one task, and prints what it returns. */
async function run(task: Task<unknown>): Promise<void> {
  print(await perform(task));
}

/** Text as it is, anything else as one line of JSON. */
function print(result: unknown): void {
  process.stdout.write(`${typeof result === 'string' ? result : JSON.stringify(result)}\n`);
}

async function issueToken(options: { user?: string; service?: string; expiresIn: string }): Promise<void> {
  const { user, service } = options;
  const seconds = parseDuration(options.expiresIn);
  const subject = user ?? service;
  if (subject === undefined || (user !== undefined && service !== undefined)) {
    throw new InvalidInputError('either user or service is required');
  }
  if (!isUserId(subject)) {
    throw new InvalidInputError(
      user === undefined
        ? 'service must be an id of 1 to 255 characters'
        : 'user must be an id of 1 to 255 characters, or an email',
    );
  }
  const environment = loadEnvironmentWithoutDatabase();
  if (environment.identityProvider !== undefined) throw new ForeignIssuerError(environment.identityProvider.issuer);
  const tokens = new TokenService(loadSigningKey(environment));
  const find: Task<{ id: string }> = (admin, services) =>
    user === undefined ? services.findActive(subject) : admin.findActiveUser(subject);
  const { id } = user?.includes('@') ? await perform(find) : await findIfPossible(find, subject);
  print(tokens.issue(id, seconds));
}

/**
 * Looks up the subject of a token by its id, if it can. A token by id needs no database, so it is issued even if there
 * is none, or if nobody in it has this id.
 *
 * @throws AlreadyDeletedError
 */
async function findIfPossible(find: Task<{ id: string }>, id: string): Promise<{ id: string }> {
  try {
    const environment = loadEnvironment();
    if (environment.usesEmbeddedDatabase && !hasEmbeddedDatabase(environment.DATA_DIR)) return { id };
    return await perform(find, environment);
  } catch (error) {
    if (error instanceof AlreadyDeletedError) throw error;
    if (error instanceof UnknownUserError || error instanceof UnknownServiceError) {
      process.stderr.write(`${error.message}: the token is for nobody yet\n`);
    }
    return { id };
  }
}

const SCOPES_DESCRIPTION = `some of ${SERVICE_SCOPES.join(', ')}, separated by commas`;

/** As given on the command line; whether such scopes exist is checked along with everything else. */
function scopesOf(list: string): ServiceScope[] {
  return list.split(',').map((scope) => scope.trim() as ServiceScope);
}

/** What an operator may say about a change, for its history. */
interface OperatorOptions {
  reason?: string;
  as?: string;
}

interface ForcedOptions extends OperatorOptions {
  force?: boolean;
}

interface MoveOptions {
  user: string;
  organization: string;
  role: string;
}

/** Which document of the system is meant, and what to make of it. */
interface SystemOptions {
  policy?: boolean;
  json?: string;
  file?: string;
}

const POLICY = ['--policy', 'the policy, in place of the settings'] as const;

function contentOf({ policy }: SystemOptions): 'settings' | 'policy' {
  return policy ? 'policy' : 'settings';
}

function textOf({ json, file }: SystemOptions): string {
  if ((json === undefined) === (file === undefined)) throw new InvalidInputError('either json or file is required');
  if (file === undefined) return json!;
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UnreadableFileError(file, (error as NodeJS.ErrnoException).code ?? 'unknown');
  }
}

const FORCE = ['--force', 'also the last owner of an organization'] as const;

function changing(name: string, of: Command = program): Command {
  return of
    .command(name)
    .option('--reason <text>', 'why, for the history: one line')
    .option('--as <name>', 'who you are, for the history');
}

async function showHistory(options: object): Promise<void> {
  try {
    await perform((_, __, history) => pipeline(history.show(options), process.stdout, { end: false }));
  } catch (error) {
    // A reader such as `head` has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

function limitOf(text: string): number | null {
  if (text === 'default') return null;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

const program = new Command('admin')
  .description(
    'Administers organizations, users and service accounts. Prints one line of JSON, or a token alone; messages go to standard error.',
  )
  .exitOverride();

changing('create-organization')
  .description('make an organization')
  .requiredOption('--name <name>')
  .option('--domain <domain>')
  .action((options: { name: string; domain?: string } & OperatorOptions) =>
    run((admin) => admin.createOrganization(options, readOperatorOrigin(options))),
  );

changing('create-user')
  .description('make a user, in an organization or in none')
  .requiredOption('--email <email>')
  .requiredOption('--name <name>')
  .option('--last-name <name>')
  .option('--id <subject>', "the identity provider's subject, instead of a new UUID")
  .option('--organization <id>')
  .option('--role <role>', 'USER, BILLING, WORKSPACES, ADMINISTRATOR or OWNER')
  .action((options: Parameters<AdministrationService['createUser']>[0] & OperatorOptions) =>
    run((admin) => admin.createUser(options, readOperatorOrigin(options))),
  );

changing('create-service')
  .description('make a service account, for one organization or for all')
  .requiredOption('--name <name>')
  .requiredOption('--scopes <scopes>', SCOPES_DESCRIPTION, scopesOf)
  .option('--organization <id>')
  .option('--all', 'in place of one organization')
  .option('--id <subject>', "the identity provider's subject, instead of a new UUID")
  .action((options: Parameters<ServiceAdministrationService['create']>[0] & OperatorOptions) =>
    run((_, services) => services.create(options, readOperatorOrigin(options))),
  );

program
  .command('issue-token')
  .description('make a token for a user or a service account; by id it works without a database, too')
  .option('--user <id|email>')
  .option('--service <id>')
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

changing('import-users')
  .description('make the users of a CSV file, and print how many were made and which rows were refused')
  .requiredOption('--file <path>', 'its header: email,name,lastName,organization,role,id')
  .option('--atomic', 'all of them, or none')
  .action(({ file, atomic, ...options }: { file: string; atomic?: boolean } & OperatorOptions) =>
    run(async (admin) => {
      const report = await admin.importUsers(await readUsers(file), {
        isAtomic: atomic ?? false,
        origin: readOperatorOrigin(options),
      });
      if (report.refused.length > 0) process.exitCode = 1;
      return report;
    }),
  );

program
  .command('list-invitations')
  .description('list the invitations that failed for good, and those that wait to be delivered')
  .option('--organization <id>', 'only those of this organization')
  .action(({ organization }: { organization?: string }) => run((admin) => admin.listInvitations(organization)));

changing('set-role')
  .description('give a member another role')
  .requiredOption('--user <id|email>')
  .requiredOption('--role <role>')
  .option(...FORCE)
  .action(({ user, role, force, ...options }: { user: string; role: string } & ForcedOptions) =>
    run((admin) => admin.setRole(user, role, readOperatorOrigin(options), force)),
  );

changing('move-user')
  .description('move a user to another organization; settings and history stay theirs')
  .requiredOption('--user <id|email>')
  .requiredOption('--organization <id>')
  .requiredOption('--role <role>')
  .option(...FORCE)
  .action(({ user, force, organization, role, ...options }: MoveOptions & ForcedOptions) =>
    run((admin) => admin.moveUser(user, { organization, role }, readOperatorOrigin(options), force)),
  );

changing('set-email')
  .description('give a user another email')
  .requiredOption('--user <id|email>')
  .requiredOption('--email <email>')
  .action(({ user, email, ...options }: { user: string; email: string } & OperatorOptions) =>
    run((admin) => admin.setEmail(user, { email }, readOperatorOrigin(options))),
  );

changing('delete-user')
  .description('soft-delete a user: they are nobody until restored')
  .requiredOption('--user <id|email>')
  .option(...FORCE)
  .action(({ user, force, ...options }: { user: string } & ForcedOptions) =>
    run((admin) => admin.deleteUser(user, readOperatorOrigin(options), force)),
  );

changing('restore-user')
  .description('take a soft-deletion back')
  .requiredOption('--user <id|email>')
  .action(({ user, ...options }: { user: string } & OperatorOptions) =>
    run((admin) => admin.restoreUser(user, readOperatorOrigin(options))),
  );

changing('erase-user')
  .description('erase a soft-deleted user for good, with their settings and history')
  .requiredOption('--user <id|email>')
  .action(({ user, ...options }: { user: string } & OperatorOptions) =>
    run((admin) => admin.eraseUser(user, readOperatorOrigin(options))),
  );

program
  .command('list-services')
  .description('list every service account')
  .action(() => run((_, services) => services.list()));

changing('set-scopes')
  .description('give a service account other scopes')
  .requiredOption('--service <id>')
  .requiredOption('--scopes <scopes>', SCOPES_DESCRIPTION, scopesOf)
  .action(({ service, scopes, ...options }: { service: string; scopes: ServiceScope[] } & OperatorOptions) =>
    run((_, services) => services.setScopes(service, { scopes }, readOperatorOrigin(options))),
  );

changing('set-rate-limit')
  .description('give a service account a limit of requests of its own')
  .requiredOption('--service <id>')
  .requiredOption('--per-minute <number>', '0 for any number; default for RATE_LIMIT_PER_MINUTE')
  .action(({ service, perMinute, ...options }: { service: string; perMinute: string } & OperatorOptions) =>
    run((_, services) =>
      services.setRateLimit(service, { perMinute: limitOf(perMinute) }, readOperatorOrigin(options)),
    ),
  );

changing('delete-service')
  .description('soft-delete a service account: it is nobody until restored')
  .requiredOption('--service <id>')
  .action(({ service, ...options }: { service: string } & OperatorOptions) =>
    run((_, services) => services.delete(service, readOperatorOrigin(options))),
  );

changing('restore-service')
  .description('take a soft-deletion back')
  .requiredOption('--service <id>')
  .action(({ service, ...options }: { service: string } & OperatorOptions) =>
    run((_, services) => services.restore(service, readOperatorOrigin(options))),
  );

const settings = program.command('settings').description('the settings of the system, or its policy');

settings
  .command('get')
  .description('print the document, with its version')
  .option(...POLICY)
  .action((options: SystemOptions) => run((_, __, ___, system) => system.get(contentOf(options))));

for (const [verb, description] of [
  ['set', 'put a new document in the place of the old one'],
  ['patch', 'change it by a JSON Merge Patch (RFC 7396), or by a JSON Patch (RFC 6902), which is an array'],
] as const) {
  changing(verb, settings)
    .description(description)
    .option(...POLICY)
    .option('--json <text>', 'what to make of it')
    .option('--file <path>', 'the same from a file; - is the standard input')
    .action((options: SystemOptions & OperatorOptions) =>
      run((_, __, ___, system) => system[verb](contentOf(options), textOf(options), readOperatorOrigin(options))),
    );
}

program
  .command('history')
  .description('print who changed what, when and why: a line of JSON for each change, newest first')
  .option('--organization <id>', 'what was changed of it, of its members and of its service accounts')
  .option('--system', 'in place of one organization: what belongs to none, or is of all')
  .option('--user <id|email>', 'only what this user or service account did, and what was done to them')
  .option('--since <time>', 'only from then on, such as 2026-11-21T12:00:00Z')
  .action(showHistory);

/** Without the line end that a shell leaves on what it read from a file. */
function withoutLineEnd(argument: string): string {
  return argument.replace(/[\r\n]+$/, '');
}

try {
  await program.parseAsync(process.argv.map(withoutLineEnd));
} catch (error) {
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
  if (!(error instanceof CommanderError)) process.stderr.write(`${explain(error)}\n`);
}

function explain(error: unknown): string {
  if (error instanceof AppError && error.detail !== undefined && error.detail !== error.message) {
    return `${error.message}: ${error.detail}`;
  }
  if (error instanceof AdminError || error instanceof AppError) return error.message;
  if (error instanceof FolderInUseError) {
    return `${error.message}: stop the service first, or let both use a PostgreSQL server (DATABASE_URL)`;
  }
  return explainFailure(error);
}
