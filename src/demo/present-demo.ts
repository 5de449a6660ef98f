import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TokenService } from '../auth/token.service.js';
import type { Environment } from '../config/environment.js';
import { DemoService } from './demo.service.js';

const TOKEN_DAYS = 30;

/** Prints what a newcomer needs: where the page is, tokens to try it with, and a line to paste. */
export async function presentDemo(app: NestFastifyApplication, environment: Environment): Promise<void> {
  const demo = app.get(DemoService);
  await demo.create();
  const [owner, member] = await Promise.all([demo.findUser('OWNER'), demo.findUser('USER')]);
  const url = (await app.getUrl()).replace('[::1]', 'localhost').replace('0.0.0.0', 'localhost');
  const isDemo = environment.hasDemoUsers && owner !== undefined;
  const lines = [
    '',
    ...(environment.CONSOLE ? [`Flashback console: ${url}/console${isDemo ? `#demo=${demo.key}` : ''}`] : []),
    `Flashback backend is running at ${url}`,
    `It uses the embedded database in ${environment.DATA_DIR}, which is for development: it does not wait for the disk.`,
    'For anything real, set DATABASE_URL to a PostgreSQL server.',
    '',
    `Swagger UI:  ${url}/docs`,
  ];
  const { identityProvider } = environment;
  if (identityProvider !== undefined) {
    lines.push(
      '',
      `Tokens come from ${identityProvider.issuer}, and users have its subjects as ids.`,
      'To make one, stop the service and run: npm run -s admin -- create-user --id <subject> --email <email> --name <name>',
    );
  } else if (owner !== undefined && member !== undefined) {
    const tokens = app.get(TokenService);
    const ownerToken = tokens.issue(owner.id, TOKEN_DAYS * 86_400);
    lines.push(
      '',
      `Demo organization: ${owner.organizationId}`,
      '',
      `Token of the demo owner, ${owner.email} (good for ${TOKEN_DAYS} days):`,
      ownerToken,
      '',
      `Token of a plain member, ${member.email} (good for ${TOKEN_DAYS} days):`,
      tokens.issue(member.id, TOKEN_DAYS * 86_400),
      '',
      'Try it:',
      `curl -X PUT ${url}/settings/organization -H 'Authorization: Bearer ${ownerToken}' -H 'Content-Type: application/json' -d '{"maxFileSize":"20GB","security":{"requireMFA":true}}'`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
