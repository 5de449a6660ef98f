// Fails when the main entry, bundled with everything that it exports, minified and gzipped, has 5 kB or more.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';

const LIMIT_BYTES = 5_000;

const input = fileURLToPath(new URL('../dist/esm/index.js', import.meta.url));
const { output } = await build({ input, output: { minify: true }, write: false });
const bytes = gzipSync(output[0].code).length;
console.log(`@flashback/client: ${output[0].code.length} bytes minified, ${bytes} gzipped, below ${LIMIT_BYTES}`);
if (bytes >= LIMIT_BYTES) process.exit(1);
