import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { SettingsWrittenResponseDto } from '../settings/dto/settings.response.dto.js';
import { shareComponents } from './share-components.js';

type PathItem = OpenAPIObject['paths'][string];
type OperationObject = NonNullable<PathItem['patch']>;

const DESCRIPTION = `
Keeps each organization's profile, each organization's settings and each user's settings. Settings are free JSON
documents that can be read, replaced, partly updated and pruned key by key.

**To try it here**, press *Authorize* and paste a token (the service prints one when it starts on its embedded
database; \`npm run -s admin -- issue-token\` makes others). Then the examples name your organization, one of its members
and the newest event that you may see. The page forgets the token when it is reloaded.

**Which verb does what**, on settings: GET reads. POST replaces the whole document. PUT merges what the body names into
it and leaves the rest. PATCH does what RFC 7396 or RFC 6902 says, so that it can also delete, test and move. DELETE
removes the keys that its body names. On the profile of an organization, PUT changes the fields that the body names. A
policy has no PUT, and DELETE leaves none.

**Every write is one atomic change.** Callers who change different keys at the same moment both keep their change.

**Every document has a version**, and each reply tells it as an \`ETag\`: \`"7-hG3kQ0xW"\` is version 7. A change with
\`If-Match\` is made to that version or not at all (412), a read with \`If-None-Match\` is a 304 when nothing is new, and
\`?dryRun=true\` shows what a change would do. Each version is kept with who made it, when and why (\`Change-Reason\`).

**Service accounts**, programs with tokens of their own, name the organization by the header \`X-Organization-Id\` where the
path does not, and need a scope in the place of a role.

**What was stored comes back equal**: every digit of every number, every key, every string. What cannot be stored
(U+0000, a lone surrogate, the key \`__proto__\`, a number of more than 1,000 digits) is refused, and nothing changes.

**A query parameter that a route does not know is refused** (400), so that a typo does not make a request mean something
else; names are case-sensitive.

**Limits**, unless the operator chose others: request body 1 MiB, stored document 512 KiB, depth 32.

**Every reply** carries \`X-Request-Id\`; send your own to find your request again in the logs. That to a request which
failed carries \`X-Error-Code\`, too, for code that branches. Where requests are counted, \`RateLimit-Policy\` says how many
are allowed (\`q\`) in how many seconds (\`w\`), and \`RateLimit\` how many are left (\`r\`). What is not even proper HTTP is
answered with 400, 408 or 431.
`.trim();

/** The OpenAPI 3.1 document of the whole API (3.0 knows no body on DELETE). */
export function createDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Flashback backend')
    .setDescription(DESCRIPTION)
    .setVersion('1.0.0')
    .addServer('/', 'This server')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'Paste the token alone, without the word Bearer. It is a JSON Web Token (RFC 7519): three parts, separated by dots.',
    })
    .addTag('Organization settings', 'One document for each organization: members read it, administrators write it.')
    .addTag('Organization policy', "Defaults, rules and locks for the settings of an organization's users.")
    .addTag('User settings', "One document for each user, the caller's own.")
    .addTag('System settings', 'One document for the whole deployment, for service accounts of all organizations.')
    .addTag('System policy', 'Defaults, rules and locks for the settings of organizations and users.')
    .addTag('Effective settings', 'What applies, of all layers together, and why.')
    .addTag('Organization', 'The profile of an organization.')
    .addTag('Members', 'The people of an organization and their roles.')
    .addTag('All organizations', 'For service accounts of all organizations: which there are, and what is new.')
    .addTag('Changes', 'New versions of documents, as they come.')
    .addTag('System events', 'What happened to organizations, users and their settings.')
    .addTag('Service', 'Whether the service is there.')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method });
  // Routes that a class has from another come after its own.
  document.paths = Object.fromEntries(Object.entries(document.paths).map(([path, item]) => [path, inOrder(item)]));
  for (const { patch } of Object.values(document.paths)) separateMediaTypes(patch?.requestBody);
  for (const operation of Object.values(document.paths).flatMap(operationsOf)) {
    operation.security ??= [];
    // Most callers are users, whom this header does not concern.
    operation.parameters?.sort((a, b) => Number(isOrganizationHeader(a)) - Number(isOrganizationHeader(b)));
  }
  // A dry run's reply has these members and more, so that only this tells the two apart.
  const written = document.components!.schemas![SettingsWrittenResponseDto.name]!;
  Object.assign(written, { additionalProperties: false });
  shareComponents(document);
  return document;
}

function isOrganizationHeader(parameter: object): boolean {
  return 'name' in parameter && parameter.name === ORGANIZATION_HEADER;
}

function inOrder({ get, post, put, patch, delete: del, ...others }: PathItem): PathItem {
  const operations = { get, post, put, patch, delete: del };
  return { ...others, ...Object.fromEntries(Object.entries(operations).filter(([, one]) => one !== undefined)) };
}

function operationsOf({ get, put, post, patch, delete: del }: PathItem): OperationObject[] {
  return [get, put, post, patch, del].filter((operation) => operation !== undefined);
}

/** Gives each media type of a body the schema at its place and the example of its name; Swagger's decorators cannot. */
function separateMediaTypes(body: OperationObject['requestBody']): void {
  if (body === undefined || !('content' in body)) return;
  Object.values(body.content).forEach((content, place) => {
    const { schema, examples = {} } = content;
    if (schema === undefined || !('oneOf' in schema)) return;
    const [name = '', example = {}] = Object.entries(examples)[place] ?? [];
    // The page fills in the example of the schema when another media type is chosen.
    content.schema = { ...schema.oneOf?.[place], ...('value' in example && { example: example.value as object }) };
    content.examples = { ['summary' in example ? String(example.summary) : name]: example };
  });
}
