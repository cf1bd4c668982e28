import type { SeriesHistory } from '../export/history.ts';
import { round } from '../rules/quantity.ts';
import { NOT_KNOWN } from './figures.ts';
import { type Html, html, nothing } from './html.ts';

/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly kind: 'a' | 'b' | 'c';
  readonly series: SeriesHistory;
}

/** A level drawn across a chart. */
export interface Level {
  readonly name: string;
  readonly kind: 'max' | 'gomemlimit' | 'high';
  /** Undefined: not known. */
  readonly value: number | 'off' | 'max' | undefined;
}

const HEIGHT = 40;
const SPARK_POINTS = 60;

/** Last known value of a series, its highest, and how many buckets hold one. */
export function summaryOf({ highest }: SeriesHistory): {
  readonly last: number | undefined;
  readonly highest: number | undefined;
  readonly first: number | undefined;
} {
  let first: number | undefined;
  let last: number | undefined;
  let top: number | undefined;
  for (const value of highest) {
    if (Number.isNaN(value)) continue;
    first ??= value;
    last = value;
    top = top === undefined ? value : Math.max(top, value);
  }
  return { first, last, highest: top };
}

/** The highest values of neighbouring buckets in one. */
function thinned(values: Float32Array, points: number): Float32Array {
  const step = Math.ceil(values.length / points);
  const out = new Float32Array(Math.ceil(values.length / step)).fill(Number.NaN);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const at = Math.floor(index / step);
    const before = out[at] ?? Number.NaN;
    if (!Number.isNaN(value) && !(before >= value)) out[at] = value;
  }
  return out;
}

/** A path through known values, interrupted where there are none. A lone value is a short dash. */
function pathOf(values: Float32Array, top: number): string {
  let path = '';
  let open = false;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      open = false;
      continue;
    }
    const y = round(HEIGHT - 1 - (Math.min(value, top) / top) * (HEIGHT - 2), 1);
    const next = values[index + 1] ?? Number.NaN;
    path += open ? `L${index} ${y}` : Number.isNaN(next) ? `M${index - 0.5} ${y}h1` : `M${index} ${y}`;
    open = true;
  }
  return path;
}

/** The area between lowest and highest of each bucket. */
function bandOf({ lowest, highest }: SeriesHistory, top: number): string {
  const y = (value: number): number => round(HEIGHT - 1 - (Math.min(value, top) / top) * (HEIGHT - 2), 1);
  let path = '';
  for (let from = 0; from < highest.length; from += 1) {
    if (Number.isNaN(highest[from] ?? Number.NaN)) continue;
    let to = from;
    while (to + 1 < highest.length && !Number.isNaN(highest[to + 1] ?? Number.NaN)) to += 1;
    for (let at = from; at <= to; at += 1) path += `${at === from ? 'M' : 'L'}${at} ${y(highest[at] ?? 0)}`;
    for (let at = to; at >= from; at -= 1) path += `L${at} ${y(lowest[at] ?? 0)}`;
    path += 'Z';
    from = to;
  }
  return path;
}

function levelText(value: Level['value'], show: (value: number) => string): string {
  if (value === undefined) return NOT_KNOWN;
  if (value === 'off') return 'off';
  return value === 'max' ? 'none' : show(value);
}

/** Where the scale ends: 0 is always its other end. */
function topOf(values: readonly (number | undefined)[], atLeast: number): number {
  return Math.max(atLeast, ...values.map((value) => value ?? 0)) || 1;
}

/** One series without axes, from 0 to its highest value. `atLeast` is where the scale ends when all values are small. */
export function sparkline(name: string, series: SeriesHistory, show: (value: number) => string, atLeast: number): Html {
  const { last, highest, first } = summaryOf(series);
  if (last === undefined || highest === undefined || first === undefined) {
    return html`<svg class="spark" role="img" aria-label="${name}: ${NOT_KNOWN}" viewBox="0 0 ${SPARK_POINTS - 1} ${HEIGHT}" preserveAspectRatio="none"></svg>`;
  }
  const values = thinned(series.highest, SPARK_POINTS);
  const label = `${name} over the last hour: from ${show(first)} to ${show(last)}, highest ${show(highest)}`;
  const path = pathOf(values, topOf([highest], atLeast));
  return html`<svg class="spark" role="img" aria-label="${label}" viewBox="0 0 ${values.length - 1} ${HEIGHT}" preserveAspectRatio="none"><path d="${path}"/></svg>`;
}

/** Lines over the last hour with a scale from 0, and levels across it. */
export function chart(
  title: string,
  lines: readonly Line[],
  levels: readonly Level[],
  show: (value: number) => string,
  atLeast: number,
): Html {
  const summaries = lines.map((line) => ({ ...line, ...summaryOf(line.series) }));
  const known = summaries.filter(({ last }) => last !== undefined);
  const legend = html`<ul class="legend">${summaries.map(
    ({ name, kind, last, highest }) =>
      html`<li class="l-${kind}">${name} <b>${last === undefined ? NOT_KNOWN : show(last)}</b>${highest === undefined ? '' : `, highest ${show(highest)}`}</li>`,
  )}${levels.map(({ name, kind, value }) => html`<li class="l-${kind}">${name} <b>${levelText(value, show)}</b></li>`)}</ul>`;
  if (known.length === 0) {
    return html`<figure class="chart"><figcaption>${title}</figcaption><p class="unknown">Nothing known in the last hour.</p></figure>`;
  }
  const drawn = known.map(({ highest }) => highest);
  // A level far above the lines would press them to the bottom; it is told in the legend.
  const reach = topOf(drawn, atLeast) * 3;
  const shown = levels.flatMap(({ kind, value }) =>
    typeof value === 'number' && value <= reach ? [{ kind, value }] : [],
  );
  const top = topOf([...drawn, ...shown.map(({ value }) => value)], atLeast) * 1.05;
  const points = lines[0]?.series.highest.length ?? 2;
  const words = known.map(
    ({ name, first, last, highest }) =>
      `${name} from ${show(first ?? 0)} to ${show(last ?? 0)}, highest ${show(highest ?? 0)}`,
  );
  const across = shown.map(({ kind, value }) => {
    const y = round(HEIGHT - 1 - (value / top) * (HEIGHT - 2), 1);
    return html`<path class="c-${kind}" d="M0 ${y}H${points - 1}"/>`;
  });
  const paths = known.map(
    ({ kind, series }) =>
      html`<path class="c-${kind} band" d="${bandOf(series, top)}"/><path class="c-${kind}" d="${pathOf(series.highest, top)}"/>`,
  );
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<div class="plot"><span class="top">${show(top)}</span><svg role="img" aria-label="${title}, last hour: ${words.join('; ')}" viewBox="0 0 ${points - 1} ${HEIGHT}" preserveAspectRatio="none">${grid(points)}${across}${paths}</svg></div>
<div class="axis"><span>60 min ago</span><span>30</span><span>now</span></div>${lines.length + levels.length === 0 ? nothing : legend}</figure>`;
}

function grid(points: number): Html {
  const middle = (points - 1) / 2;
  return html`<path class="grid" d="M0 ${HEIGHT / 2}H${points - 1}M${middle} 0V${HEIGHT}M0 ${HEIGHT - 1}H${points - 1}"/>`;
}
