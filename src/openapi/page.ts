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

/** Those that the description of the API explains; the page does not repeat them for each status. */
const COMMON_HEADERS = ['X-Request-Id', 'X-Error-Code', 'RateLimit', 'RateLimit-Policy'];

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
