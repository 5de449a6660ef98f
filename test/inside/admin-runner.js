/**
 * Runs the built administration command again and again in one process, which has its modules already: a command of its
 * own takes a second or two to load them.
 */
import { pathToFileURL } from 'node:url';
import { answer } from './parent.js';

const own = { ...process.env };
let runs = 0;

answer('run', async (script, args, variables) => {
  for (const name of Object.keys(process.env)) if (!(name in own)) delete process.env[name];
  Object.assign(process.env, own, variables);
  process.argv = [process.execPath, script, ...args];
  process.exitCode = 0;
  const printed = { stdout: '', stderr: '' };
  const streams = Object.keys(printed).map((name) => [name, process[name].write]);
  for (const [name] of streams) process[name].write = (text) => ((printed[name] += text), true);
  try {
    // The command runs when it is imported, and the import waits for its end.
    await import(`${pathToFileURL(script).href}?run=${runs++}`);
  } finally {
    for (const [name, write] of streams) process[name].write = write;
  }
  return { code: process.exitCode, ...printed };
});

// Until the test's process ends.
setInterval(() => undefined, 60_000);
