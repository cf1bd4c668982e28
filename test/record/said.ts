import type { FindingEvent } from '../../src/record/timeline.ts';

/** A finding that fired or ended, as the log tells it; `text` is its summary where it fired. */
export interface Said {
  readonly state: 'firing' | 'resolved';
  readonly rule: string;
  readonly who: string;
  readonly text?: string;
}

interface Who {
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly process?: string | undefined;
}

const name = ({ namespace, pod, container, process }: Who): string =>
  [namespace, pod, container, process].filter((part) => part !== undefined).join('/');

/** What a live run with `--log.format json` said of findings, in its order. */
export function saidInLog(log: string): Said[] {
  return log.split('\n').flatMap((line): Said[] => {
    if (!line.startsWith('{')) return [];
    const entry = JSON.parse(line) as Who & { rule?: string; msg: string };
    if (entry.rule === undefined) return [];
    const said = { rule: entry.rule, who: name(entry) };
    return [
      entry.msg === 'finding resolved' ? { state: 'resolved', ...said } : { state: 'firing', ...said, text: entry.msg },
    ];
  });
}

/** What a replay says of findings, in its order. */
export function saidInReplay(events: readonly FindingEvent[]): Said[] {
  return events.flatMap(({ state, finding }): Said[] => {
    const said = { rule: finding.rule, who: name(finding.subject) };
    if (state === 'firing') return [{ state, ...said, text: finding.summary }];
    return state === 'resolved' ? [{ state, ...said }] : [];
  });
}
