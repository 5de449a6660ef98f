import { whole } from './markdown.js';

const WIDTH = 900;
const MARGIN = 24;
const LEFT = MARGIN + 180;
const VALUES = 150;
const LABEL_WIDTH = 130;
const BAR = 13;
const GAP = 20;
const HEAD = 84;
const FOOT = 58;

/** Who has a bar, and what the legend says. */
const BARS = {
  service: 'this service, all features on',
  bare: 'bare: hand-written Fastify + pg',
  typical: 'typical: NestJS + Express + TypeORM',
};

/** What is marked beside the bars. */
const MARK = 'service-sql';
const MARK_TITLE = "PostgreSQL alone, on the service's statements";

const STYLE = `
  .paper { fill: #ffffff; stroke: #d0d7de }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
  .row text { paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e; font-size: 12px }
  .own { font-weight: 600 }
  .axis { stroke: #d0d7de }
  .one { stroke: #59636e; stroke-dasharray: 4 3 }
  .service { fill: #1f6feb } .bare { fill: #8c959f } .typical { fill: #bf8700 }
  .mark { stroke: #1a7f37; stroke-width: 3 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .row text { stroke: #0d1117 }
    .quiet { fill: #9198a1 }
    .axis { stroke: #3d444d } .one { stroke: #9198a1 }
    .service { fill: #4493f8 } .bare { fill: #6e7681 } .typical { fill: #d29922 }
    .mark { stroke: #3fb950 }
  }`;

/**
 * Requests a second of each operation in units of the bare server's, as an SVG with a ground of its own, so that it can
 * be read on light and dark pages.
 *
 * @param {import('../run.js').Results} results
 */
export function chartOf(results) {
  const rows = Object.values(results.rows).filter(({ wrong }) => wrong === 0);
  const names = Object.keys(BARS);
  const most = Math.max(...rows.flatMap((row) => [...names, MARK].map((name) => relative(row, name) ?? 0)));
  const scale = (WIDTH - LEFT - VALUES - MARGIN) / most;
  const rowHeight = names.length * BAR + GAP;
  const bottom = HEAD + rows.length * rowHeight;
  const height = bottom + FOOT;
  const { date, node, postgresql, cores, generator, connections } = results;
  const setting = `${date}, Node ${node}, PostgreSQL ${postgresql}, ${cores} cores for server, database and load (${generator}, ${connections} connections). Medians.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>Requests a second of each operation, in units of the bare server's</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    text(MARGIN, 30, 'Requests a second, bare = 1', 'title'),
    ...names.map((name, index) => barLegend(name, index)),
    markLegend(names.length),
    ...ticksOf(most).map((value) => tick(LEFT + value * scale, value, bottom)),
    ...rows.map((row, index) => rowOf(row, HEAD + GAP / 2 + index * rowHeight, scale)),
    text(MARGIN, bottom + FOOT - 14, setting, 'quiet'),
    '</svg>',
    '',
  ].join('\n');
}

/** How much somebody did of what the bare server did; as the tables have it, of the ratios within the rounds. */
function relative({ requestRatios }, name) {
  if (name === 'service') return requestRatios.bare.median;
  return requestRatios[name] && requestRatios.bare.median / requestRatios[name].median;
}

function rowOf(row, top, scale) {
  const names = Object.keys(BARS);
  const mark = relative(row, MARK);
  const bars = names.map((name, place) => {
    const value = relative(row, name);
    const y = top + place * BAR;
    const width = value * scale;
    // Beside the bar, or behind the mark if that would go through it.
    const isInTheWay = mark > value && mark * scale < width + LABEL_WIDTH;
    const label = `${value.toFixed(2)} · ${whole(row.requestsPerSecond[name])}/s`;
    return [
      `<rect class="${name}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 2}"/>`,
      text(LEFT + (isInTheWay ? mark * scale : width) + 6, y + BAR - 3, label, name === 'service' ? 'own' : 'quiet'),
    ].join('');
  });
  const middle = top + (names.length * BAR) / 2 + 4;
  return [
    '<g class="row">',
    text(LEFT - 12, middle, row.name, '', 'end'),
    ...bars,
    mark === undefined ? '' : markLine(LEFT + mark * scale, top - 2, top + names.length * BAR),
    '</g>',
  ].join('\n');
}

function barLegend(name, index) {
  const { x, y } = placeOfLegend(index);
  return `<rect class="${name}" x="${x}" y="${y - 10}" width="12" height="${BAR - 2}"/>${text(x + 20, y, BARS[name], 'quiet')}`;
}

function markLegend(index) {
  const { x, y } = placeOfLegend(index);
  return markLine(x + 6, y - 11, y + 2) + text(x + 20, y, MARK_TITLE, 'quiet');
}

/** In two columns. */
function placeOfLegend(index) {
  return { x: MARGIN + (index % 2) * 400, y: 56 + (index >> 1) * 18 };
}

function markLine(x, from, to) {
  return `<line class="mark" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${from}" y2="${to}"/>`;
}

function tick(x, value, bottom) {
  const line = `<line class="${value === 1 ? 'one' : 'axis'}" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${HEAD}" y2="${bottom}"/>`;
  return line + text(x, bottom + 16, String(value), 'quiet', 'middle');
}

/** From 0 on, not more than ten. */
function ticksOf(most) {
  const step = [0.25, 0.5, 1, 2, 5, 10].find((size) => most / size <= 8) ?? 20;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

function text(x, y, content, name, anchor = 'start') {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}"${name === '' ? '' : ` class="${name}"`}>${escaped}</text>`;
}
