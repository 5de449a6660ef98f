import { encodeChangeReason } from './encode-change-reason.js';

/**
 * Swagger UI's page.
 *
 * @param folder where its files are, seen from the page's address
 */
export const pageIn = (folder: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Flashback backend</title>
    <link rel="stylesheet" href="${folder}index.css">
    <link rel="stylesheet" href="${folder}swagger-ui.css">
    <link rel="stylesheet" href="${folder}page.css">
    <link rel="icon" type="image/png" href="${folder}favicon-32x32.png" sizes="32x32">
    <link rel="icon" type="image/png" href="${folder}favicon-16x16.png" sizes="16x16">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${folder}swagger-ui-bundle.js"></script>
    <script src="${folder}page.js"></script>
  </body>
</html>
`;

/** The API has no links between replies; and on a narrow screen a tag's description goes below its name. */
export const PAGE_STYLE = `.swagger-ui .response-col_links { display: none; }
@media (max-width: 640px) {
  .swagger-ui .opblock-tag { flex-wrap: wrap; }
  .swagger-ui .opblock-tag small { flex: 1 0 100%; order: 1; padding: 0; }
}
`;

/** Those that the description of the API explains; the page does not repeat them for each status. */
const COMMON_HEADERS = ['X-Request-Id', 'X-Error-Code', 'RateLimit', 'RateLimit-Policy'];

/**
 * A plugin of Swagger UI. When somebody has authorized, it puts the organization, a member and the newest event that
 * they may see into the examples, which no document can know.
 */
const FILL_IN_EXAMPLES = `({
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: (authorize, { specSelectors, specActions }) => async ({ bearer }) => {
          authorize({ bearer });
          const ask = async (path, body) => {
            const reply = await fetch(new URL(path, specSelectors.url()), {
              method: body === undefined ? 'GET' : 'POST',
              headers: { Authorization: \`Bearer \${bearer.value}\`, 'Content-Type': 'application/json' },
              body: body && JSON.stringify(body),
            });
            return reply.ok ? reply.json() : {};
          };
          const [{ data: profile }, { events = [] }] = await Promise.all([
            ask('user/profile'),
            ask('systemevent', { from_timestamp: '2000-01-01T00:00:00Z', take: 1 }),
          ]);
          const seesMembers = profile?.orgRoles.includes(2);
          const { data: members = [] } = seesMembers ? await ask('organization/users?deleted=false&limit=100') : {};
          const spec = specSelectors.specJson().toJS();
          const { orgId, userId } = spec.components.parameters;
          orgId.example = profile?.orgId ?? undefined;
          // Somebody whom most callers may change, and not the caller.
          userId.example = members.find(({ orgRole }) => orgRole === 0)?.id ?? profile?.id;
          for (const { requestBody } of Object.values(spec.paths['/systemevent/read'])) {
            const { One: one, Several: several } = requestBody.content['application/json'].examples;
            if (events.length === 0) continue;
            one.value.id = events[0].id;
            several.value.ids = [events[0].id];
          }
          specActions.updateJsonSpec(spec);
        },
      },
    },
  },
})`;

/** The page's own script, which stands in a file because its content security policy lets nothing else run. */
export const PAGE_SCRIPT = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  requestInterceptor: ${String(encodeChangeReason)},
  plugins: [
    () => ${FILL_IN_EXAMPLES},
    () => ({
      wrapComponents: {
        headers: (Headers, { React }) => ({ headers, ...others }) =>
          React.createElement(Headers, {
            ...others,
            headers: headers && headers.filterNot((_, name) => ${JSON.stringify(COMMON_HEADERS)}.includes(name)),
          }),
      },
    }),
  ],
});
`;
