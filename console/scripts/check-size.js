// Fails when what a browser loads before the page is there, gzipped, has as many bytes as it may not.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;

const folder = new URL('../dist/', import.meta.url);
const html = readFileSync(new URL('index.html', folder));
const files = [...html.toString().matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name]) => name);
const bytes = [html, ...files.map((name) => readFileSync(new URL(name, folder)))]
  .map((content) => gzipSync(content).length)
  .reduce((sum, length) => sum + length);
console.log(`@flashback/console: ${bytes} bytes gzipped until it is there, below ${LIMIT_BYTES}`);
if (bytes >= LIMIT_BYTES) process.exit(1);
