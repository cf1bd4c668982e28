import { goFigures } from '../export/go-view.ts';
import { bounded } from '../export/labels.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import { NOT_KNOWN, sourceText } from './figures.ts';
import { type Html, html, nothing } from './html.ts';

/** Settings and figures of a program with their sources, and what two sources tell differently. */
export function settingsSection(process: GoProcessModel): Html {
  const { settings, expectedGomaxprocs: expected, memorySource, endpoint, endpointDetail } = process;
  const { value, reason, missing } = expected;
  const memory = memorySource.detail === '' ? memorySource.state : `${memorySource.state} (${memorySource.detail})`;
  const rows = goFigures(process).map(
    ([name, figure, source]) =>
      html`<tr><th scope="row">${name.trim()}</th><td class="n${figure === '?' ? html` unknown` : ''}">${figure === '?' ? NOT_KNOWN : figure}</td><td class="source">${bounded(source)}</td></tr>`,
  );
  return html`${contradictions(process)}
<table><thead><tr><th scope="col">Setting or figure</th><th scope="col" class="n">Value</th><th scope="col">Source</th></tr></thead><tbody>${rows}${
    settings.godebug === undefined
      ? nothing
      : html`<tr><th scope="row">GODEBUG</th><td class="n">${bounded(settings.godebug.value)}</td><td class="source">${bounded(sourceText(settings.godebug))}</td></tr>`
  }</tbody></table>
<dl class="plain"><div><dt>Expected GOMAXPROCS</dt><dd>${value ?? NOT_KNOWN}: ${bounded(reason)}${missing.length === 0 ? '' : ` (needs ${missing.join('; ')})`}</dd></div>
<div><dt>Memory of the runtime</dt><dd>${bounded(memory)}</dd></div>
<div><dt>Endpoint</dt><dd>${bounded(endpoint ?? `none (${endpointDetail})`)}</dd></div></dl>`;
}

function contradictions({ settings }: GoProcessModel): Html {
  if (settings.contradictions.length === 0) return nothing;
  return html`<div class="notice">${settings.contradictions.map(
    ({ setting, values }) =>
      html`<p><b>${setting.toUpperCase()} is told differently.</b> ${values.map((known, index) => `${index === 0 ? 'In force: ' : '; '}${known.value} (${bounded(sourceText(known))})`)}</p>`,
  )}</div>`;
}
