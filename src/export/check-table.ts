import type { ContainerModel } from '../model/container-types.ts';
import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Evaluation } from '../rules/engine.ts';
import { humanBytes, percent, round } from '../rules/quantity.ts';
import { containerName } from '../rules/subjects.ts';
import type { Evidence, Finding, Severity, Subject } from '../rules/types.ts';
import { privilegeAdvice } from './privilege-advice.ts';
import { cellName, columns, paint, plain, type TableStyle, wrap } from './terminal.ts';

export type { TableStyle } from './terminal.ts';

const HEAD = [
  'WORKLOAD',
  'PROCESS',
  'GO',
  'CPU',
  'LIMIT',
  'GOMAXPROCS',
  'THROTTLED',
  'MEMORY',
  'LIMIT',
  'NEXT GC',
  'GOMEMLIMIT',
  'GOROUTINES',
];
const RIGHT = new Set([3, 4, 5, 6, 7, 8, 9, 10, 11]);
const UNKNOWN = '?';
const NONE = '-';
const ORDER: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

function bytes(value: number | 'max' | 'off' | undefined): string {
  if (value === undefined) return UNKNOWN;
  return typeof value === 'number' ? humanBytes(value) : NONE;
}

function cores(value: number | 'max' | undefined): string {
  if (value === undefined) return UNKNOWN;
  return value === 'max' ? NONE : String(round(value, 2));
}

function workload(container: ContainerModel | undefined, process: GoProcessModel): string {
  if (container === undefined) return plain(process.cgroupPath);
  const { identity } = container;
  const parts = [identity.namespace, identity.pod ?? identity.podUid, containerName(container)];
  return plain(parts.filter((part) => part !== undefined).join('/'));
}

function row(process: GoProcessModel, container: ContainerModel | undefined): string[] {
  const { settings, runtime, effective } = process;
  const procs = settings.gomaxprocs;
  const throttled = container?.throttling?.throttledRatio;
  // A value that was not told but worked out is marked.
  const mark = (from: string | undefined): string => (from === 'inferred' ? '~' : '');
  return [
    workload(container, process),
    cellName(process.name, 40),
    cellName(process.goVersion.replace(/^go/, ''), 24),
    cores(container?.cpu.usageCores ?? process.usageCores),
    cores(effective.cpuCores?.limit),
    procs === undefined ? UNKNOWN : `${mark(procs.from)}${procs.value}`,
    effective.cpuCores?.limit === 'max' ? NONE : throttled === undefined ? UNKNOWN : percent(throttled),
    bytes(container?.memory.currentBytes),
    bytes(effective.memoryMaxBytes?.limit),
    bytes(runtime.heapGoalBytes?.value),
    `${mark(settings.gomemlimit?.from)}${bytes(settings.gomemlimit?.value)}`,
    runtime.goroutines === undefined ? UNKNOWN : String(runtime.goroutines.value),
  ];
}

/** Who a finding is about, in a few words. */
export function subjectName(subject: Subject): string {
  const parts = [subject.namespace, subject.pod, subject.container].filter((part) => part !== undefined);
  const process =
    subject.pid === undefined ? '' : ` (${cellName(subject.process ?? 'process', 80)}, pid ${subject.pid})`;
  return plain((parts.length === 0 ? (subject.cgroupPath ?? 'this node') : parts.join('/')) + process);
}

/** A cgroup path in full is half a screen; its end names it. JSON keeps the whole. */
function shortPaths(text: string): string {
  return text
    .replace(/\/[\w.:@\\/-]+\/([\w.:@\\-]+)/g, (_, last: string) => `.../${last}`)
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1..');
}

function evidenceText({ signal, value, unit, bound, source }: Evidence): string {
  const show = (quantity: number | string): string => {
    if (typeof quantity === 'string') return quantity;
    if (unit === 'bytes') return humanBytes(quantity);
    if (unit === 'ratio') return percent(quantity);
    if (unit === 'seconds') return quantity < 1 ? `${round(quantity * 1000, 1)} ms` : `${round(quantity, 1)} s`;
    return unit === 'cores' ? `${round(quantity, 3)} cores` : String(quantity);
  };
  return plain(
    `${signal}: ${show(value)}${bound === undefined ? '' : ` (bound ${show(bound)})`}  [${shortPaths(source)}]`,
  );
}

function findingText(finding: Finding, style: TableStyle): string {
  const colour = { critical: 'red', warning: 'yellow', info: 'cyan' } as const;
  const width = Math.min(style.columns, 140);
  return [
    `${paint(finding.severity.toUpperCase().padEnd(8), colour[finding.severity], style)}  ${paint(finding.rule, 'bold', style)}  ${subjectName(finding.subject)}`,
    `  ${wrap(plain(finding.summary), width, 2)}`,
    ...finding.evidence.map((evidence) => `    - ${wrap(evidenceText(evidence), width, 6)}`),
    `  ${paint('change:', 'bold', style)} ${wrap(plain(finding.remedy.text), width, 10)}`,
    ...(finding.remedy.patch === undefined
      ? []
      : [
          `  ${paint('set:', 'bold', style)}    ${Object.entries(finding.remedy.patch.set)
            .map(([key, value]) => `${key}=${value}`)
            .join(' ')}  (${finding.remedy.patch.kind})`,
        ]),
  ].join('\n');
}

function unknownText({ unjudged }: Evaluation): string[] {
  if (unjudged.length === 0) return [];
  const reasons = new Map<string, number>();
  for (const { missing } of unjudged) for (const reason of missing) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const top = [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 5);
  return [
    '',
    `${unjudged.length} verdicts are unknown, for want of:`,
    ...top.map(([reason, count]) => `  ${String(count).padStart(4)} x ${plain(reason)}`),
  ];
}

function missText(model: NodeModel): string[] {
  const kinds = new Map<string, { count: number; example: string }>();
  for (const { kind, reader, source, detail } of model.misses) {
    if (kind === 'absent') continue;
    const key = `${reader} ${kind}`;
    const entry = kinds.get(key) ?? { count: 0, example: `${source}: ${detail}` };
    entry.count += 1;
    kinds.set(key, entry);
  }
  if (kinds.size === 0) return [];
  return [
    '',
    'Could not be read:',
    ...[...kinds].map(
      ([key, { count, example }]) => `  ${String(count).padStart(4)} x ${key}, for example ${plain(example)}`,
    ),
  ];
}

/** The terminal form of a look at the node: Go workloads as a table, findings by severity, then what could not be seen. */
export function checkTable(model: NodeModel, evaluation: Evaluation, style: TableStyle): string {
  const { node } = model;
  const containers = new Map(model.containers.map((container) => [container.key, container]));
  const rows = model.goProcesses
    .map((process) => row(process, containers.get(process.containerKey ?? '')))
    .sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''));
  const findings = evaluation.findings
    .filter((finding) => finding.state !== 'resolved')
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || a.rule.localeCompare(b.rule));
  const unseen = model.containers.reduce((sum, container) => sum + container.unseenProcesses, 0);
  const advice = privilegeAdvice(node.privileges, unseen);
  const memory = node.memoryTotalBytes === undefined ? '' : `, ${humanBytes(node.memoryTotalBytes)}`;
  const lines = [
    `${plain(node.hostname ?? 'this node')}: kernel ${plain(node.kernelRelease ?? UNKNOWN)}, cgroup ${node.hierarchy === 'unified' ? 'v2' : node.hierarchy}, ${node.cpusOnline ?? UNKNOWN} CPUs${memory}; ${model.containers.length} workloads, ${rows.length} Go processes`,
    ...(advice === undefined ? [] : [advice]),
    '',
  ];
  if (rows.length > 0) {
    const [head, ...body] = columns([HEAD, ...rows], RIGHT);
    lines.push(
      paint(head ?? '', 'dim', style),
      ...body,
      paint('~ worked out, not told by the program; ? not known; - none', 'dim', style),
      '',
    );
  }
  if (findings.length === 0) lines.push('No findings.');
  else
    lines.push(
      `${findings.length} finding${findings.length === 1 ? '' : 's'}:`,
      '',
      findings.map((finding) => findingText(finding, style)).join('\n\n'),
    );
  lines.push(...unknownText(evaluation), ...missText(model));
  return `${lines.join('\n')}\n`;
}
