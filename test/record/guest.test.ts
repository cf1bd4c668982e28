import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Workload } from '../guest/results.ts';
import { type ReplayedFolder, replayFolder } from './replay-folder.ts';
import { saidInLog, saidInReplay } from './said.ts';

/*
 * Two and a half minutes of `cgopher record` on the guest (Linux 6.1), with the workloads of test/guest/scenarios.sh: what they are is in
 * expected.json, what the live run said in live.ndjson. Made anew with RECORD=1, see test/guest/README.md.
 */

const FOLDER = join(import.meta.dirname, '../../fixtures-cgroupfs/guest-6.1-recording');
const { workloads } = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
  workloads: Pick<Workload, 'namespace' | 'pod' | 'cgroup' | 'fires' | 'silent' | 'may'>[];
};
let replayed: ReplayedFolder;

beforeAll(async () => {
  replayed = await replayFolder(FOLDER);
});

/** Rules that fired for a workload, at any time. */
function fired({ namespace, pod, cgroup }: (typeof workloads)[number]): string[] {
  const rules = replayed.events
    .filter(({ state }) => state === 'firing')
    .filter(({ finding: { subject } }) =>
      pod === undefined ? subject.cgroupPath === cgroup : subject.namespace === namespace && subject.pod === pod,
    )
    .map(({ finding }) => finding.rule);
  return [...new Set(rules)];
}

describe('a recording of the guest', () => {
  it('is read whole', () => {
    expect(replayed.problems).toEqual([]);
    expect(replayed.cycles).toBeGreaterThan(15);
  });

  it('fires for every fault', () => {
    const faults = workloads.flatMap((workload) => workload.fires.map((rule) => ({ workload, rule })));
    expect(faults.length).toBeGreaterThanOrEqual(10);
    const missed = faults.filter(({ workload, rule }) => !fired(workload).includes(rule));
    expect(missed.map(({ workload: { namespace, pod }, rule }) => `${namespace}/${pod}: ${rule}`)).toEqual([]);
  });

  it('is silent on every healthy twin, and about everything else', () => {
    // Whatever these programs serve, they serve to everybody.
    const wrong = workloads.flatMap((workload) =>
      fired(workload)
        .filter((rule) => ![...workload.fires, ...workload.may, 'PprofExposed'].includes(rule))
        .map((rule) => `${workload.namespace}/${workload.pod}: ${rule}`),
    );
    expect(wrong).toEqual([]);
    expect(workloads.flatMap(({ silent }) => silent).length).toBeGreaterThanOrEqual(9);
  });

  it('gives the findings of the live run, in the same order', () => {
    const live = saidInLog(readFileSync(join(FOLDER, 'live.ndjson'), 'utf8'));
    expect(live.length).toBeGreaterThan(20);
    // Not their words: those may become better. test/guest compares these too, of a recording of the same version.
    const what = ({ state, rule, who }: (typeof live)[number]) => `${state} ${rule} ${who}`;
    expect(saidInReplay(replayed.events).map(what)).toEqual(live.map(what));
  });
});
