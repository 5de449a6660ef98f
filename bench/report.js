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
  table([
    ['', 'service/s', 'bare/s', 'service / bare', '', 'CPU µs service', 'bare'],
    ...rows.map(cellsOf),
    ['RSS MB', whole(rssMegabytes.service), whole(rssMegabytes.bare), '', '', '', ''],
  ]);
}

function cellsOf({ kind, wrong, requestsPerSecond, cpuMicrosecondsPerRequest: cpu, ratio }) {
  if (wrong > 0) return [kind, 'void:', `${wrong} wrong`, '', '', '', ''];
  return [
    kind,
    whole(requestsPerSecond.service),
    whole(requestsPerSecond.bare),
    ratio.median.toFixed(2),
    `(${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)})`,
    whole(cpu.service),
    whole(cpu.bare),
  ];
}

/** A number that could not be measured here is a dash. */
function whole(number) {
  return Number.isFinite(number) ? String(Math.round(number)) : '-';
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padStart(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
