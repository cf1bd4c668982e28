import { missed, type Reading } from '../base/reading.ts';
import type { ContainerModel } from '../model/container-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import { encodeLine } from '../record/encode.ts';
import { leavingOut } from '../record/left-out.ts';
import type { Finding, Subject } from '../rules/types.ts';
import type { NodeSample } from '../sample/types.ts';

/** A workload and what it shares limits with is never more. */
const MAX_CGROUPS = 64;
const MAX_PROCESSES = 32;

/** What a finding rests on: its subject's part of the model it fired in, and of the samples before it. */
export interface EvidenceSource {
  readonly id: string;
  readonly finding: Finding;
  readonly model: NodeModel;
  /** Newest first. */
  readonly samples: readonly NodeSample[];
}

/**
 * One finding's evidence as JSON text, in the encoding of recordings, without labels of goroutines. Older samples are left out until it is
 * no longer than `maxLength`; `failed` when not even the model fits.
 */
export function evidenceText(source: EvidenceSource, maxLength: number): Reading<string> {
  const { id, finding, model } = source;
  const judged = judgedParts(finding.subject, model);
  for (let kept = source.samples.length; kept >= 0; kept -= 1) {
    const samples = source.samples.slice(0, kept).map((sample) => sampleParts(finding.subject, judged, sample));
    const line = encodeLine(
      { evidenceVersion: 1, id, at: model.at, windowSeconds: model.windowSeconds, finding, model: judged, samples },
      { replace: leavingOut({ labels: false }), maxLength },
    );
    if (line.ok && line.value.length <= maxLength) return line;
  }
  return missed('failed', 'evidence', id, `over ${maxLength} characters`);
}

type Judged = Pick<NodeModel, 'node' | 'containers' | 'pods' | 'goProcesses'>;

function judgedParts(subject: Subject, model: NodeModel): Judged {
  const { kind, key } = subject;
  const { node } = model;
  if (kind === 'node') return { node, containers: [], pods: [], goProcesses: [] };
  const one = kind === 'process' ? model.goProcesses.filter((process) => process.key === key) : [];
  const pods = model.pods.filter((pod) => (kind === 'pod' ? pod.key === key : false));
  const keys = new Set<string | undefined>([
    ...(kind === 'container' ? [key] : []),
    ...one.map((process) => process.containerKey),
    ...pods.flatMap((pod) => pod.containers),
  ]);
  const containers = model.containers.filter((container) => keys.has(container.key)).slice(0, MAX_CGROUPS);
  const goProcesses = kind === 'process' ? one : model.goProcesses.filter((process) => keys.has(process.containerKey));
  const podsOf = kind === 'pod' ? pods : model.pods.filter((pod) => pod.containers.some((name) => keys.has(name)));
  return { node, containers, pods: podsOf, goProcesses: goProcesses.slice(0, MAX_PROCESSES) };
}

function sampleParts(subject: Subject, judged: Judged, sample: NodeSample): Record<string, unknown> {
  const paths = new Set<string>(['/']);
  const own = [
    subject.cgroupPath,
    ...judged.goProcesses.map((process) => process.cgroupPath),
    ...pathsOf(judged.containers),
  ];
  for (const path of own) if (path !== undefined) for (const level of selfAndAncestors(path)) paths.add(level);
  const picked = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(
      [...paths].slice(0, MAX_CGROUPS).flatMap((path) => {
        const value = map.get(path);
        return value === undefined ? [] : [[path, value] as const];
      }),
    );
  const go = judged.goProcesses.flatMap(({ pid }) => {
    const value = sample.go.get(pid);
    return value === undefined ? [] : [[pid, value] as const];
  });
  return {
    at: sample.at,
    hierarchy: sample.hierarchy,
    facts: sample.facts,
    cgroups: picked(sample.cgroups),
    roles: picked(sample.roles),
    levels: picked(sample.levels),
    identities: picked(sample.identities),
    go: new Map(go),
  };
}

function pathsOf(containers: readonly ContainerModel[]): string[] {
  return containers.map((container) => container.cgroupPath);
}

/** `/a/b`, `/a`; not the root. */
function selfAndAncestors(path: string): string[] {
  const levels: string[] = [];
  for (let at = path; at !== '' && at !== '/'; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) levels.push(at);
  return levels;
}
