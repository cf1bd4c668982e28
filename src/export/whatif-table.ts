import type { NodeModel } from '../model/node-types.ts';
import { humanBytes, percent, round } from '../rules/quantity.ts';
import { containerName } from '../rules/subjects.ts';
import { shareText } from '../rules/what-if/expectation.ts';
import type { GcRow, StallRow, WhatIf } from '../rules/what-if/what-if.ts';
import { columns, paint, plain, type TableStyle, wrap } from './terminal.ts';

const INDENT = 4;
const WIDEST = 100;

function setting(value: number | 'off' | 'max', text: (value: number) => string): string {
  return typeof value === 'number' ? text(value) : value;
}

function gcCells({ today, settings, prediction, memoryLimitBytes, fits }: GcRow, measured: number): string[] {
  const share = prediction === undefined ? '?' : shareText(prediction);
  const between = prediction?.secondsBetween;
  return [
    today ? '*' : '',
    setting(settings.gogc, String),
    setting(settings.gomemlimit, humanBytes),
    today ? `${share} (measured ${percent(measured)})` : share,
    prediction?.goalSetBy ?? '?',
    prediction?.goalBytes === undefined ? '-' : humanBytes(prediction.goalBytes),
    between === undefined ? '-' : between < 1 ? `${round(between * 1000, 0)} ms` : `${round(between, 1)} s`,
    memoryLimitBytes === undefined
      ? '-'
      : `${humanBytes(memoryLimitBytes)}${fits === undefined ? '' : fits ? ', fits' : ', too small'}`,
  ];
}

const GC_HEAD = ['', 'GOGC', 'GOMEMLIMIT', 'COLLECTING', 'GOAL SET BY', 'HEAP GOAL', 'EVERY', 'MEMORY LIMIT'];
const CPU_HEAD = ['', 'GOMAXPROCS', 'CPU LIMIT', 'WORST STALL', 'MEAN STALL', 'THROTTLED PERIODS'];

const milliseconds = (seconds: number): string => `${round(seconds * 1000, 1)} ms`;

function cpuCells({ today, settings, boundBy, prediction }: StallRow): string[] {
  const { worstSeconds, meanSeconds, throttledRatioAtMost: ratio } = prediction;
  return [
    today ? '*' : '',
    String(settings.gomaxprocs),
    `${setting(settings.limitCores, (cores) => String(round(cores, 3)))}${boundBy === undefined ? '' : ` (the ${boundBy.level}’s ${round(boundBy.limitCores, 3)} binds)`}`,
    milliseconds(worstSeconds),
    meanSeconds === undefined ? '?' : milliseconds(meanSeconds),
    ratio === undefined ? '?' : ratio === 0 ? 'none' : `at most ${percent(ratio)}`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return columns([head, ...rows], new Set()).map((line) => `${' '.repeat(INDENT)}${line}`);
}

function needs(what: string, missing: readonly string[], width: number): string[] {
  if (missing.length === 0) return [];
  const text = `${what}: not known; needs ${missing.join('; ')}`;
  return [`  ${wrap(plain(text), Math.min(width, WIDEST), INDENT)}`];
}

function one({ process, gc, cpu }: WhatIf, model: NodeModel, style: TableStyle): string {
  const container = model.containers.find(({ key }) => key === process.containerKey);
  const { namespace, pod } = container?.identity ?? {};
  const place = [namespace, pod, container && containerName(container)].filter((part) => part !== undefined);
  const name = plain(`${place.join('/') || process.cgroupPath} (${process.name}, pid ${process.pid})`);
  const lines = [paint(name, 'bold', style)];
  if ('missing' in gc) lines.push(...needs('collecting', gc.missing, style.columns));
  else
    lines.push(
      '  share of the CPU used that collecting takes:',
      ...table(
        GC_HEAD,
        gc.rows.map((row) => gcCells(row, gc.measuredRatio)),
      ),
    );
  if (cpu === 'no limit') lines.push('  stalls by the CPU limit: none, there is no limit');
  else if ('missing' in cpu) lines.push(...needs('stalls by the CPU limit', cpu.missing, style.columns));
  else lines.push('  stalls by the CPU limit, per period:', ...table(CPU_HEAD, cpu.rows.map(cpuCells)));
  return lines.join('\n');
}

/** For each process what is to be expected of other settings; the row of today is marked. */
export function whatIfTable(found: readonly WhatIf[], model: NodeModel, style: TableStyle): string {
  const parts = found.map((entry) => one(entry, model, style));
  return `${parts.join('\n\n')}\n\n* today. What the predictions hold for, and how well: docs/what-if.md\n`;
}
