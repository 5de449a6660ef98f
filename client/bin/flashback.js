#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FlashbackClient } from '../dist/esm/index.js';
import { settingsDeclarations } from '../dist/esm/settings-declarations.js';

const USAGE = `Usage: npx @flashback/client types [options]

Writes the types of the settings of a deployment, from the schemas and locks in the policy of its system.

  --base-url <url>  the service's address (FLASHBACK_BASE_URL)
  --token <jwt>     of a service account of all organizations with the scope system:read (FLASHBACK_ACCESS_TOKEN)
  --output <file>   where to write them (settings.d.ts)
  --check           writes nothing, and fails if the file has others
`;

const OPTIONS = {
  'base-url': { type: 'string' },
  token: { type: 'string', default: process.env.FLASHBACK_ACCESS_TOKEN },
  output: { type: 'string', default: 'settings.d.ts' },
  check: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help) return process.stdout.write(USAGE);
  if (positionals.join() !== 'types') throw new Error(`The command must be "types"\n\n${USAGE.trimEnd()}`);
  const { 'base-url': baseUrl, token: accessToken, output, check } = values;
  if (!accessToken) throw new Error('An access token is required: --token, or FLASHBACK_ACCESS_TOKEN');
  const { policy, version } = await new FlashbackClient({ accessToken, baseUrl }).settings.system.policy.get();
  const types = settingsDeclarations(policy);
  if (check) {
    if (readIfThere(output) !== types) throw new Error(`${output} has other types than the system's policy`);
  } else {
    writeFileSync(output, types);
  }
  if (policy.schema === undefined)
    process.stderr.write('The policy of the system has no schema: all names are allowed\n');
  process.stdout.write(
    `${output} ${check ? 'has' : 'now has'} the types of version ${version} of the system's policy\n`,
  );
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

try {
  await main();
} catch (error) {
  const { message, error: detail } = error;
  process.stderr.write(`${detail === undefined ? message : `${message}: ${detail}`}\n`);
  process.exitCode = 1;
}
