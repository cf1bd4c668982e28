import type { WorkloadHistory } from '../export/history.ts';
import { bounded } from '../export/labels.ts';
import { bySeverity, rowName, type WorkloadRow } from '../export/workload-rows.ts';
import type { ContainerModel, PodModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { Judged } from '../rules/judged.ts';
import { containerName } from '../rules/subjects.ts';
import type { Finding } from '../rules/types.ts';
import { containerSection } from './container-section.ts';
import { cpuBar } from './cpu-bar.ts';
import { type EvidenceItem, evidenceSection } from './evidence-section.ts';
import { timeText } from './figures.ts';
import { type CardContext, findingCard } from './finding-card.ts';
import { chip, type Frame, page } from './frame.ts';
import { goroutineSection } from './goroutine-section.ts';
import { historySection } from './history-section.ts';
import { type Html, html, nothing } from './html.ts';
import { memoryBar } from './memory-bar.ts';
import { settingsSection } from './settings-section.ts';
import { verdictsSection } from './verdicts-section.ts';

/** What the page of one workload is made of. */
export interface WorkloadView {
  readonly frame: Frame;
  /** Undefined for a container without a Go process. */
  readonly program:
    | { readonly process: GoProcessModel; readonly row: WorkloadRow; readonly history: WorkloadHistory | undefined }
    | undefined;
  readonly container: ContainerModel | undefined;
  readonly pod: PodModel | undefined;
  /** About the process, its container and its pod. */
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  readonly evidence: readonly EvidenceItem[];
  readonly cards: CardContext;
}

/** The page of one workload: findings, history, settings, goroutines, and the word of every rule. */
export function workloadPage(view: WorkloadView): string {
  const { frame, program, container, findings, cards, judged, evidence } = view;
  const firing = findings.filter(({ state }) => state === 'firing').sort(bySeverity);
  const sections: readonly (readonly [id: string, title: string, content: Html])[] = [
    [
      'findings',
      'Findings',
      firing.length === 0
        ? html`<p class="empty">Nothing fires.</p>`
        : html`${firing.map((finding, index) => findingCard(finding, index, cards))}`,
    ],
    ...(program === undefined
      ? []
      : ([
          ['now', 'Now', nowCells(program.row)],
          ['history', 'Last hour', historySection(program.history, program.row)],
          ['settings', 'Settings and figures, and where they are from', settingsSection(program.process)],
          ['goroutines', 'Goroutines', goroutineSection(program.process)],
        ] as const)),
    ...(container === undefined ? [] : ([['container', 'Container', containerSection(container)]] as const)),
    ['rules', 'Why each rule did or did not fire', verdictsSection(frame.root, judged)],
    ['evidence', 'Evidence', evidenceSection(frame.root, evidence)],
  ];
  return page(
    frame,
    html`<nav class="crumbs" aria-label="Breadcrumb"><a href="${frame.root}">Overview</a></nav>
${heading(view, firing)}
<nav class="toc" aria-label="On this page"><ul>${sections.map(([id, title]) => html`<li><a href="#${id}">${SHORT[id] ?? title}</a></li>`)}</ul></nav>
${sections.map(
  ([
    id,
    title,
    content,
  ]) => html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2>
${content}</section>
`,
)}`,
  );
}

const SHORT: Readonly<Record<string, string>> = { settings: 'Settings', rules: 'Rules' };

function heading({ program, container, pod }: WorkloadView, firing: readonly Finding[]): Html {
  const name =
    program === undefined
      ? [
          container?.identity.namespace,
          container?.identity.pod,
          container === undefined ? undefined : containerName(container),
        ]
          .filter((part) => part !== undefined)
          .join('/') ||
        (container?.cgroupPath ?? 'workload')
      : rowName(program.row);
  const worst = firing[0];
  const identity = container?.identity;
  return html`<h1>${bounded(name)}</h1>
<p class="facts">${worst === undefined ? nothing : html`${chip(worst.severity)} `}${program === undefined ? 'no Go process' : programText(program.process)}${identity?.qos === undefined ? '' : `; QoS ${identity.qos}`}${pod === undefined ? '' : `; pod ${pod.podUid}`}</p>`;
}

function programText({ name, pid, goVersion, mainModule, mainVersion, uptimeSeconds }: GoProcessModel): string {
  const module = mainModule === undefined ? '' : `, ${bounded(mainModule)} ${bounded(mainVersion ?? '')}`.trimEnd();
  const up = uptimeSeconds === undefined ? '' : `, up ${timeText(uptimeSeconds)}`;
  return `${bounded(name)}, pid ${pid}, ${bounded(goVersion)}${module}${up}`;
}

function nowCells({ memory, cpu, sharedBy }: WorkloadRow): Html {
  return html`<div class="now"><div class="cell"><h3>Memory</h3>${memoryBar(memory, sharedBy)}</div><div class="cell"><h3>CPU</h3>${cpuBar(cpu)}</div></div>`;
}
