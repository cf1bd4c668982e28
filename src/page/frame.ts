import type { Severity } from '../rules/types.ts';
import { utcText } from './figures.ts';
import { type Html, html, nothing } from './html.ts';
import { pathLink, type Root } from './links.ts';
import { STYLE } from './style.ts';

/** What every page has around its content. */
export interface Frame {
  readonly root: Root;
  readonly title: string;
  readonly current: 'overview' | 'node' | 'agent' | undefined;
  readonly hostname: string | undefined;
  readonly version: string;
  readonly telemetryPath: string;
  /** Of the model that is shown; undefined before the first cycle. */
  readonly atUnixMs: number | undefined;
  /** How often the page loads itself anew, and the address of the same page with that switched. Undefined: it never does. */
  readonly live: { readonly everySeconds: number | undefined; readonly on: string; readonly off: string } | undefined;
}

/** What is said in the `Content-Security-Policy`: everything is in the page but its icon. */
export function securityPolicy(styleHash: string): string {
  return `default-src 'none'; style-src '${styleHash}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
}

/** A whole document. */
export function page(frame: Frame, content: Html): string {
  const { root, live, hostname } = frame;
  const refresh = live?.everySeconds;
  const tab = (name: 'overview' | 'node' | 'agent', text: string, link: string): Html =>
    html`<li><a href="${link}"${frame.current === name ? html` aria-current="page"` : ''}>${text}</a></li>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${refresh === undefined ? nothing : html`<meta http-equiv="refresh" content="${refresh}">`}
<title>${frame.title} - cgopher</title>
<link rel="icon" href="${root}icon.svg" type="image/svg+xml">
${STYLE_ELEMENT}
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="bar-top"><div class="inner">
<p class="brand"><a href="${root}">cgopher</a> <span class="host">${hostname ?? 'this node'}</span></p>
<nav aria-label="Pages"><ul>${tab('overview', 'Overview', root)}${tab('node', 'Node', `${root}node`)}${tab('agent', 'Agent', `${root}agent`)}</ul></nav>
<p class="as-of">${asOf(frame)}</p>
</div></header>
<main id="content">
${content}
</main>
<footer class="inner"><p>cgopher ${frame.version}</p><nav aria-label="Machine-readable"><ul><li><a href="${pathLink(root, frame.telemetryPath)}">Metrics</a></li><li><a href="${root}findings">Findings (JSON)</a></li><li><a href="${root}report">Report (JSON)</a></li><li><a href="${root}evidence/">Evidence (JSON)</a></li></ul></nav></footer>
</body>
</html>
`.text;
}

/** Made once: the hash in the policy is of these very bytes. */
const STYLE_ELEMENT = styleElement();

function styleElement(): Html {
  return html(Object.assign([`<style>${STYLE}</style>`], { raw: [] }));
}

function asOf({ atUnixMs, live }: Frame): Html {
  const when = atUnixMs === undefined ? html`first look under way` : html`as of <time>${utcText(atUnixMs)}</time>`;
  if (live === undefined) return when;
  return live.everySeconds === undefined
    ? html`${when} <a class="live" href="${live.on}">Go live</a>`
    : html`${when} <a class="live on" href="${live.off}">Live, every ${live.everySeconds} s: stop</a>`;
}

/** A severity as a word in its colour. */
export function chip(severity: Severity): Html {
  return html`<span class="chip ${severity}">${severity}</span>`;
}

/** A page with a heading and a sentence: for what is not there. */
export function messagePage(frame: Frame, heading: string, text: string): string {
  return page(
    frame,
    html`<section class="message"><h1>${heading}</h1><p>${text}</p><p><a href="${frame.root}">To the overview</a></p></section>`,
  );
}

/** The icon of the pages: three bars. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b5cad"/><path d="M3 4.5h10M3 8h7M3 11.5h4" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>';
