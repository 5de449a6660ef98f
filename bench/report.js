export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function printReport({ rows, rssMegabytes, ...setting }) {
  const { node, postgresql, cores, generator, connections, rounds, seconds } = setting;
  print(
    [
      `Node ${node.slice(1)}, PostgreSQL ${postgresql}, ${cores} cores; ${generator}, ${connections} connections,`,
      `medians of ${rounds} rounds of ${seconds} s`,
    ].join(' '),
  );
  print('');
  const names = Object.keys(rssMegabytes);
  const [service, ...others] = names;
  table([
    [
      '',
      ...names.map((name) => `${name}/s`),
      ...others.flatMap((other) => [`${service} / ${other}`, '']),
      'CPU µs:',
      ...names,
    ],
    ...rows.map((row) => cellsOf(row, names, others)),
    [
      'RSS MB',
      ...names.map((name) => whole(rssMegabytes[name])),
      ...Array(2 * others.length + 1 + names.length).fill(''),
    ],
  ]);
}

function cellsOf({ kind, wrong, requestsPerSecond, cpuMicrosecondsPerRequest, ratios }, names, others) {
  if (wrong > 0) return [kind, 'void:', `${wrong} wrong`, ...Array(2 * (names.length + others.length) - 1).fill('')];
  return [
    kind,
    ...names.map((name) => whole(requestsPerSecond[name])),
    ...others.flatMap((other) => ratioCells(ratios[other])),
    '',
    ...names.map((name) => whole(cpuMicrosecondsPerRequest[name])),
  ];
}

function ratioCells(ratio) {
  if (ratio === undefined) return ['-', ''];
  return [ratio.median.toFixed(2), `(${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)})`];
}

/** A number that could not be measured here is a dash. */
function whole(number) {
  return Number.isFinite(number) ? String(Math.round(number)) : '-';
}

/** Prints cells in columns that end at the same place. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padStart(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

export function print(line) {
  process.stdout.write(`${line}\n`);
}
