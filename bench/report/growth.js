import { ratioOf, tableOf, whole } from './markdown.js';
import { problemsOf, settingOf } from './results.js';

/** What `npm run bench:growth` found, as Markdown: a table for each thing that grows. */
export function growthReportOf(results) {
  const dimensions = [...new Set(results.rows.map(({ dimension }) => dimension))];
  const tables = dimensions.map((dimension) => tableOfDimension(dimension, results.rows));
  return [settingOf(results, results.rows), ...tables, ...problemsOf(results.rows)].join('\n\n');
}

function tableOfDimension(dimension, rows) {
  const ofDimension = rows.filter((row) => row.dimension === dimension);
  const operations = [...new Set(ofDimension.map(({ name }) => name))];
  const values = [...new Set(ofDimension.map(({ value }) => value))];
  const cellsOf = ({ wrong, requestsPerSecond: { service, bare }, requestRatios }) =>
    wrong > 0 ? ['void', '', ''] : [whole(service), whole(bare), ratioOf(requestRatios.bare)];
  return tableOf([
    [dimension, ...operations.flatMap((name) => [`${name}: service/s`, 'bare/s', 'service / bare'])],
    ...values.map((value) => [
      whole(value),
      ...operations.flatMap((name) => cellsOf(ofDimension.find((row) => row.value === value && row.name === name))),
    ]),
  ]);
}
