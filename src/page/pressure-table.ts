import type { PressuresModel, StallModel } from '../model/pressure-types.ts';
import { NOT_KNOWN, percentText } from './figures.ts';
import { type Html, html } from './html.ts';

const RESOURCES = [
  ['cpu', 'CPU'],
  ['memory', 'memory'],
  ['io', 'I/O'],
] as const;

/** Shares of time in which tasks waited for a resource (pressure stall information). */
export function pressureTable(pressure: PressuresModel): Html {
  const cells = (stall: StallModel | undefined): Html =>
    stall === undefined
      ? html`<td class="n unknown" colspan="3">${NOT_KNOWN}</td>`
      : html`<td class="n">${percentText(stall.avg10Ratio)}</td><td class="n">${percentText(stall.avg60Ratio)}</td><td class="n">${percentText(stall.avg300Ratio)}</td>`;
  return html`<table><caption>Time in which tasks waited</caption><thead><tr><th scope="col">For</th><th scope="col">Who</th><th scope="col" class="n">10 s</th><th scope="col" class="n">1 min</th><th scope="col" class="n">5 min</th></tr></thead><tbody>${RESOURCES.map(
    ([key, name]) =>
      html`<tr><th scope="row">${name}</th><td>some</td>${cells(pressure[key]?.some)}</tr><tr><th scope="row">${name}</th><td>all</td>${cells(pressure[key]?.full)}</tr>`,
  )}</tbody></table>`;
}
