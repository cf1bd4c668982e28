import { groupBy } from '../../src/base/group.ts';
import type { RuleId } from '../../src/rules/types.ts';
import type { Foretold, Outlived, Seen, ZooResults } from './results.ts';

const seconds = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} s`);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => `\`${cell(text)}\``;

function change({ remedy }: Seen): string {
  if (remedy?.patch === undefined) return 'in words';
  return Object.entries(remedy.patch.set)
    .map(([key, value]) => code(`${key}=${value}`))
    .join(', ');
}

function cleared(one: Seen): string {
  if (one.clearedAfterSeconds === undefined)
    return one.remedy?.patch === undefined ? 'not tried: no setting to apply' : '**no**';
  return one.cameBack === true
    ? `after ${seconds(one.clearedAfterSeconds)}, came back`
    : `after ${seconds(one.clearedAfterSeconds)}`;
}

/** One row for each case that fired. */
export function casesTable({ cases }: ZooResults): string {
  const rows = cases
    .filter(({ firedAfterSeconds }) => firedAfterSeconds !== undefined)
    .map((one) => {
      const judged = (one.twinLacks ?? []).length === 0;
      const silent = one.twinFires?.includes(one.rule) === true ? '**no**' : judged ? 'silent' : 'not judged';
      return `| [${one.rule}](rules/${one.rule}.md) | ${cell(one.fault)} | ${seconds(one.firedAfterSeconds)} | ${silent} | ${change(one)} | ${cleared(one)} |`;
    });
  return [
    '| Rule | Fault | Fired after | Healthy twin | Change it proposed | Clear once changed |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Kills by fault: how many were foretold, and how long before. */
export function killsTable(kills: readonly Foretold[]): string {
  const groups = groupBy(kills, ({ fault, intervalSeconds }) => `${intervalSeconds} s | ${cell(fault)}`);
  const rows = [...groups].map(([title, runs]) => {
    const leads = runs.flatMap(({ leadSeconds }) => leadSeconds ?? []).sort((a, b) => a - b);
    const range =
      leads.length === 0
        ? '-'
        : `${seconds(leads[0])} to ${seconds(leads.at(-1))}, ${seconds(leads[Math.floor(leads.length / 2)])} in the middle`;
    return `| ${title} | ${runs.length} | ${leads.length} | ${range} |`;
  });
  return [
    '| A look every | Fault | Runs | Foretold | How long before the kill |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** What asking for collections did, pair by pair. */
export function nudgesTable(nudged: readonly Outlived[]): string {
  const end = ({ seconds: lived, killed }: Outlived['asked']): string =>
    killed ? `killed after ${seconds(lived)}` : `alive after ${seconds(lived)}`;
  return [
    '| Program | Left alone | Asked | Collections asked for |',
    '| --- | --- | --- | --- |',
    ...nudged.map((one) => `| ${cell(one.fault)} | ${end(one.left)} | ${end(one.asked)} | ${one.collections} |`),
  ].join('\n');
}

/** Rules without a case that fired, each with the reason. @throws when a rule has neither */
export function openTable(
  ids: readonly RuleId[],
  { cases }: ZooResults,
  reasons: Partial<Record<RuleId, string>>,
): string {
  const fired = new Set(
    cases.filter(({ firedAfterSeconds }) => firedAfterSeconds !== undefined).map(({ rule }) => rule),
  );
  const rows = ids
    .filter((id) => !fired.has(id))
    .map((id) => {
      const reason = reasons[id];
      if (reason === undefined) throw new Error(`${id} was neither provoked nor is it said why not`);
      return `| [${id}](rules/${id}.md) | ${reason} |`;
    });
  return ['| Rule | Not provoked because |', '| --- | --- |', ...rows].join('\n');
}
