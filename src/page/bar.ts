import { round } from '../rules/quantity.ts';
import { type Html, html } from './html.ts';

/** A stretch of a bar, in the bar's unit; Infinity is the end of the bar. */
export interface Fill {
  readonly kind: 'current' | 'live' | 'usage' | 'beyond';
  readonly from: number;
  readonly to: number;
}

/** A narrow stretch below the bar whose whole width is 1. */
interface Share {
  readonly kind: 'throttled';
  readonly share: number;
}

/** A value marked on a bar. */
export interface Mark {
  readonly kind: 'goal' | 'gomemlimit' | 'high' | 'max' | 'procs';
  readonly at: number;
}

/** Room right of the largest value, so that its mark is not cut off. */
const HEADROOM = 1.04;
const HEIGHT = 26;
/** Upper edge and height of each stretch: the narrow lie upon the wide. */
const BANDS: Readonly<Record<Fill['kind'] | Share['kind'], readonly [y: number, height: number]>> = {
  beyond: [4, 18],
  current: [4, 18],
  live: [9, 8],
  usage: [4, 18],
  throttled: [22, 4],
};

/**
 * A bar from 0 to a little more than the largest of its values. Positions are in percent of its width, so it takes any width without a
 * change of its shapes. `label` is its name for those who do not see it.
 */
export function bar(label: string, fills: readonly Fill[], marks: readonly Mark[], below?: Share): Html {
  const known = [...fills.map(({ to }) => to), ...marks.map(({ at }) => at)].filter(Number.isFinite);
  const scale = Math.max(0, ...known) * HEADROOM;
  if (scale === 0) return html`<svg class="bar" role="img" aria-label="${label}" height="${HEIGHT}">${track}</svg>`;
  const place = (value: number): number => round((Math.min(Math.max(value, 0), scale) / scale) * 100, 2);
  const stretches = fills.map(({ kind, from, to }) => {
    const [y, height] = BANDS[kind];
    const width = round(place(to) - place(from), 2);
    return html`<rect class="f-${kind}" x="${place(from)}%" y="${y}" width="${width}%" height="${height}"/>`;
  });
  if (below !== undefined) {
    const [y, height] = BANDS[below.kind];
    const width = round(Math.min(1, Math.max(0, below.share)) * 100, 2);
    stretches.push(html`<rect class="f-${below.kind}" x="0%" y="${y}" width="${width}%" height="${height}"/>`);
  }
  const lines = marks.map(({ kind, at }) => {
    const x = place(at);
    const top =
      kind === 'goal' || kind === 'procs'
        ? html`<svg x="${x}%" overflow="visible"><path class="t-${kind}" d="M-4 0h8l-4 6z"/></svg>`
        : '';
    return html`<line class="m-${kind}" x1="${x}%" x2="${x}%" y1="1" y2="25"/>${top}`;
  });
  return html`<svg class="bar" role="img" aria-label="${label}" height="${HEIGHT}">${track}${stretches}${lines}</svg>`;
}

const track = html`<rect class="track" x="0" y="4" width="100%" height="18" rx="2"/>`;
