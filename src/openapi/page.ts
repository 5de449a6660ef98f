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
 * A plugin of Swagger UI. When somebody has authorized, it puts the organization and the newest event that they may see
 * into the examples, which no document can know.
 */
const FILL_IN_EXAMPLES = `({
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: (authorize, { specSelectors, specActions }) => async ({ bearer }) => {
          authorize({ bearer });
          const reply = await fetch(new URL('systemevent', specSelectors.url()), {
            method: 'POST',
            headers: { Authorization: \`Bearer \${bearer.value}\`, 'Content-Type': 'application/json' },
            body: JSON.stringify({ from_timestamp: '2000-01-01T00:00:00Z', take: 1 }),
          });
          const [event] = reply.ok ? (await reply.json()).events : [];
          if (event === undefined) return;
          const spec = specSelectors.specJson().toJS();
          spec.components.parameters.orgId.example = event.orgId ?? undefined;
          for (const { requestBody } of Object.values(spec.paths['/systemevent/read'])) {
            const { One: one, Several: several } = requestBody.content['application/json'].examples;
            one.value.id = event.id;
            several.value.ids = [event.id];
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
