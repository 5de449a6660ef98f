/** Finds out within a minute whether the service has become much slower than it was. See README.md. */
import { readFile } from 'node:fs/promises';
import { OPERATIONS } from './operations.js';
import { ratioOf } from './report/markdown.js';
import { describe, RESULTS, writeResults } from './report/publish.js';
import { measureRow } from './row.js';
import { note, Session } from './session.js';
import { Stage } from './stage.js';

const OUTCOME = new URL('quick.json', import.meta.url);
const ORGANIZATIONS = 2_000;
const MEASURED = ['read', 'update'];
const ROUNDS = 4;
const SECONDS = 1;

/** Below this share of the committed ratios it is a collapse, and no noise. */
const COLLAPSE = 0.5;

await Session.run(async (session) => {
  const committed = JSON.parse(await readFile(RESULTS, 'utf8'));
  const stage = await Stage.open(session, ['service', 'bare'], { seed: { organizations: ORGANIZATIONS } });
  await stage.checkedCallers();
  const rows = {};
  for (const key of MEASURED) {
    const { median } = committed.rows[key].requestRatios.bare;
    rows[key] = await measureTwiceIfBad(stage, OPERATIONS[key], median * COLLAPSE);
    const { name, requestRatios } = rows[key];
    process.stdout.write(`${name}: service / bare ${ratioOf(requestRatios.bare)}, committed ${median.toFixed(2)}\n`);
    const problem = problemOf(rows[key], median * COLLAPSE);
    if (problem === undefined) continue;
    note(`${name}: ${problem}`);
    process.exitCode = 1;
  }
  await writeResults(OUTCOME, { ...(await describe(stage)), organizations: ORGANIZATIONS, seconds: SECONDS, rows });
});

/** Something else may have used the machine. */
async function measureTwiceIfBad(stage, operation, least) {
  const measure = () =>
    measureRow(stage.contestants, operation, { ...stage.setting, rounds: ROUNDS, seconds: SECONDS });
  const row = await measure();
  return problemOf(row, least) === undefined ? row : measure();
}

function problemOf({ wrong, example, requestRatios }, least) {
  if (wrong > 0) return `${wrong} wrong, such as: ${example}`;
  if (requestRatios.bare.median < least) return `less than ${least.toFixed(2)}, half of what is committed, twice`;
  return undefined;
}
