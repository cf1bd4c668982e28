import { bounded } from '../export/labels.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { ContentionModel, GoroutineSiteModel } from '../model/go-runtime-types.ts';
import { countText, sourceText, timeText } from './figures.ts';
import { type Html, html, nothing } from './html.ts';

const MAX_SITES = 40;

/** Where the goroutines are, and what they wait for. */
export function goroutineSection({ runtime, endpointDetail, memorySource }: GoProcessModel): Html {
  const { goroutines, goroutineSites: sites, leakedGoroutines, leakedSites, blocking, mutexContention } = runtime;
  const count =
    goroutines === undefined
      ? html`<p class="unknown">Their number is not known.</p>`
      : html`<p><b>${countText(goroutines.value)}</b> goroutines <span class="source">${sourceText(goroutines)}</span></p>`;
  const where =
    sites === undefined
      ? html`<p class="unknown">Where they are is not known: ${[endpointDetail, memorySource.detail].filter((text) => text !== '').join('; ') || 'not asked yet'}.</p>`
      : siteTable(sites);
  const leaked =
    leakedGoroutines === undefined
      ? nothing
      : html`<h3>Goroutines that can never run on: ${countText(leakedGoroutines.value)}</h3>${leakedSites === undefined ? nothing : html`<ul>${leakedSites.slice(0, MAX_SITES).map(({ site, count: number, cause }) => html`<li>${number} x ${bounded(site)} <span class="source">${bounded(cause)}</span></li>`)}</ul>`}`;
  return html`${count}${where}${leaked}${contention('Blocking', blocking)}${contention('Waiting for mutexes', mutexContention)}`;
}

function siteTable(sites: readonly GoroutineSiteModel[]): Html {
  if (sites.length === 0) return html`<p class="empty">None were counted.</p>`;
  const more = sites.length - MAX_SITES;
  const from =
    sites[0]?.from === 'memory'
      ? 'the function they run, read from memory'
      : 'their first frame of the program’s own code, from its profile';
  return html`<table><caption>By site: ${from}</caption><thead><tr><th scope="col" class="n">Count</th><th scope="col" class="n">Growth</th><th scope="col">Waits for</th><th scope="col">Site</th></tr></thead><tbody>${sites.slice(0, MAX_SITES).map(siteRow)}</tbody></table>${more > 0 ? html`<p class="sub">and ${more} smaller ones</p>` : nothing}`;
}

function siteRow({ count, growth, growthSeconds, cause, waitSeconds, site, createdBy }: GoroutineSiteModel): Html {
  const over = growth === undefined || growthSeconds === undefined ? '' : ` in ${timeText(growthSeconds)}`;
  const wait = waitSeconds === undefined ? '' : ` for ${timeText(waitSeconds)} or more`;
  return html`<tr><td class="n">${countText(count)}</td><td class="n">${growth === undefined ? 'first count' : `${growth > 0 ? '+' : ''}${countText(growth)}${over}`}</td><td>${bounded(cause ?? 'not known')}${wait}</td><td class="code">${bounded(site)}${createdBy === undefined ? nothing : html`<span class="source">started at ${bounded(createdBy)}</span>`}</td></tr>`;
}

function contention(title: string, model: ContentionModel | undefined): Html {
  if (model === undefined) return nothing;
  const rows = model.sites
    .slice(0, MAX_SITES)
    .map(
      ({ site, events, delaySeconds, meanDelaySeconds }) =>
        html`<tr><td class="n">${timeText(delaySeconds)}</td><td class="n">${countText(events)}</td><td class="n">${timeText(meanDelaySeconds)}</td><td class="code">${bounded(site)}</td></tr>`,
    );
  return html`<table><caption>${title} in ${timeText(model.windowSeconds)}</caption><thead><tr><th scope="col" class="n">Delay</th><th scope="col" class="n">Times</th><th scope="col" class="n">Mean</th><th scope="col">Site</th></tr></thead><tbody>${rows}</tbody></table>`;
}
