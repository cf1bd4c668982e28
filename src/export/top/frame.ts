import { paint } from '../terminal.ts';
import { cellsOf, fit, folded, type Screen, shown } from './cell-text.ts';
import { detailsLines } from './details-frame.ts';
import { helpLines } from './help-frame.ts';
import type { Shown } from './keys.ts';
import { aboutLines, listLines } from './list-frame.ts';
import type { TopLook } from './top-look.ts';
import { cursor, scrolled, type TopView, visible } from './view.ts';

/** What is there to be drawn. */
export interface TopScene {
  /** Undefined: nothing was seen yet. */
  readonly look: TopLook | undefined;
  readonly view: TopView;
  readonly screen: Screen;
  /** One line on what is under way, or what went wrong; undefined: nothing to say. */
  readonly notice: string | undefined;
}

/** Title, status, notice and the head of the table; the keys at the bottom. */
const AROUND_LIST = 5;
const AROUND_PAGE = 3;
const ABOUT = 2;
/** Below so many rows the list has them all. */
const ROWS_FOR_ABOUT = 12;

/** How much fits, for {@link pressed}. */
export function measured({ look, view, screen }: TopScene): Shown {
  return {
    look,
    listHeight: Math.max(1, screen.rows - AROUND_LIST - aboutHeight(screen)),
    pageHeight: Math.max(1, screen.rows - AROUND_PAGE),
    pageLines: view.screen === 'list' ? 0 : page({ look, view, screen }).length,
  };
}

/** The whole screen: at most `rows` lines of at most `columns` cells, colours not counted. */
export function frame(scene: TopScene): string[] {
  const lines = scene.view.screen === 'list' ? listScreen(scene) : pageScreen(scene);
  return lines.slice(0, scene.screen.rows);
}

/** For what is no terminal: title, notice and the whole table. */
export function plainTable({ look, view, screen, notice }: TopScene & { readonly look: TopLook }): string[] {
  const said = notice ?? look.advice;
  return [
    ...folded(`${titleOf(look, screen)}  ${timeOf(look)}`, screen.columns),
    ...(said === undefined ? [] : folded(shown(said, screen), screen.columns)),
    ...(look.workloads.length === 0 ? ['No Go programs are seen.'] : listLines(visible(look, view), undefined, screen)),
  ];
}

function listScreen(scene: TopScene): string[] {
  const { look, view, screen } = scene;
  const shownRows = look === undefined ? [] : visible(look, view);
  const { listHeight } = measured(scene);
  const at = cursor(shownRows, view);
  const top = scrolled(view.listTop, at, listHeight, shownRows.length);
  const table = listLines(shownRows.slice(top, top + listHeight), at - top, screen);
  if (shownRows.length === 0 && look !== undefined) table.push(...emptyLines(scene, look));
  const body = [...table, ...blanks(listHeight + 1 - table.length)].slice(0, listHeight + 1);
  const about = aboutHeight(screen) === 0 ? [] : aboutLines(shownRows[at], screen);
  return [...head(scene, shownRows.length, top, listHeight), ...body, ...about, bottom(scene)];
}

/** Why the list is empty; what went wrong in full, since there is room. */
function emptyLines({ screen, notice }: TopScene, { workloads }: TopLook): string[] {
  const line = (text: string): string => fit(`  ${text}`, screen.columns).trimEnd();
  if (workloads.length > 0) return [line('No workload fits the filter.')];
  const why = notice === undefined ? [] : ['', ...folded(`  ${shown(notice, screen)}`, screen.columns, 2)];
  return [line('No Go programs are seen.'), ...why];
}

function pageScreen(scene: TopScene): string[] {
  const { view, screen } = scene;
  const { pageHeight } = measured(scene);
  const lines = page(scene);
  const top = Math.max(0, Math.min(view.pageTop, lines.length - pageHeight));
  const body = lines.slice(top, top + pageHeight);
  const more = lines.length > pageHeight ? `  lines ${top + 1}-${top + body.length} of ${lines.length}` : '';
  const keys = `Esc back  arrows, PageUp, PageDown scroll  q quit${more}`;
  return [
    title(scene),
    noticeLine(scene),
    ...body,
    ...blanks(pageHeight - body.length),
    paint(fit(keys, screen.columns).trimEnd(), 'dim', screen),
  ];
}

function page({ look, view, screen }: Pick<TopScene, 'look' | 'view' | 'screen'>): string[] {
  if (view.screen === 'help') return helpLines(screen);
  return detailsLines(
    look?.workloads.find(({ row }) => row.key === view.selected),
    screen,
  );
}

function head(scene: TopScene, count: number, top: number, height: number): string[] {
  const { look, view, screen } = scene;
  const filter = view.typing ?? view.filter;
  const total = look?.workloads.length ?? 0;
  const range = count > height ? `  rows ${top + 1}-${Math.min(count, top + height)} of ${count}` : '';
  const status = `sorted by ${view.order}${filter === '' ? '' : `  filter "${shown(filter, screen)}": ${count} of ${total}`}${range}`;
  return [title(scene), fit(status, screen.columns).trimEnd(), noticeLine(scene)];
}

function noticeLine({ look, screen, notice }: TopScene): string {
  const line = fit(shown(notice ?? look?.advice ?? '', screen), screen.columns).trimEnd();
  return notice === undefined ? line : paint(line, 'yellow', screen);
}

function title({ look, screen }: TopScene): string {
  if (look === undefined) return paint(fit('cgopher top', screen.columns).trimEnd(), 'bold', screen);
  const time = timeOf(look);
  const room = screen.columns - cellsOf(time) - 2;
  // The time goes first where there is no room: what is seen matters more.
  if (room < 30) return paint(fit(titleOf(look, screen), screen.columns).trimEnd(), 'bold', screen);
  return paint(`${fit(titleOf(look, screen), room)}  ${time}`, 'bold', screen);
}

function titleOf({ hostname, kernelRelease, hierarchy, workloads, firing }: TopLook, screen: Screen): string {
  const cgroup = hierarchy === 'unified' ? 'cgroup v2' : `cgroup ${hierarchy}`;
  const counts = (['critical', 'warning', 'info'] as const).map(
    (severity) => `${firing.filter((finding) => finding.severity === severity).length} ${severity}`,
  );
  const programs = `${workloads.length} Go program${workloads.length === 1 ? '' : 's'}`;
  return shown(
    `${hostname ?? 'this node'}: ${programs}; ${counts.join(', ')}; kernel ${kernelRelease ?? '?'}, ${cgroup}`,
    screen,
  );
}

function timeOf({ takenUnixMs }: TopLook): string {
  return `${new Date(takenUnixMs).toISOString().slice(11, 19)} UTC`;
}

function bottom({ view, screen }: TopScene): string {
  if (view.typing === undefined) {
    const keys = 'arrows select  Enter details  s sort  w c m g sort by  / filter  ? help  q quit';
    return paint(fit(keys, screen.columns).trimEnd(), 'dim', screen);
  }
  // The end of what is typed is what a person looks at.
  const typed = shown(view.typing, screen);
  const room = Math.max(0, screen.columns - 2);
  const tail = Array.from(typed);
  while (cellsOf(tail.join('')) > room) tail.shift();
  return `/${tail.join('')}_`;
}

function aboutHeight({ rows }: Screen): number {
  return rows < ROWS_FOR_ABOUT ? 0 : ABOUT;
}

function blanks(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => '');
}
