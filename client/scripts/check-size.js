// Fails when an entry, bundled with everything that it exports, minified and gzipped, has as many bytes as it may not.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';

const MAIN_LIMIT_BYTES = 5_000;
/** Of the live copy, on top of the main entry. */
const LIVE_LIMIT_BYTES = 4_000;

const entryOf = (name) => fileURLToPath(new URL(`../dist/esm/${name}.js`, import.meta.url));

async function bytesOf(source) {
  const entry = {
    resolveId: (id) => (id === 'entry' ? id : undefined),
    load: (id) => (id === 'entry' ? source : undefined),
  };
  const { output } = await build({ input: 'entry', plugins: [entry], output: { minify: true }, write: false });
  return gzipSync(output[0].code).length;
}

const main = `export * from '${entryOf('index')}';`;
const mainBytes = await bytesOf(main);
const liveBytes = (await bytesOf(`${main} export * from '${entryOf('live')}';`)) - mainBytes;
console.log(`@flashback/client: ${mainBytes} bytes minified and gzipped, below ${MAIN_LIMIT_BYTES}`);
console.log(`@flashback/client/live: ${liveBytes} bytes more, below ${LIVE_LIMIT_BYTES}`);
if (mainBytes >= MAIN_LIMIT_BYTES || liveBytes >= LIVE_LIMIT_BYTES) process.exit(1);
