import * as z from 'zod';
import type { NodeModel } from '../../model/node-types.ts';
import type { Finding } from '../../rules/types.ts';
import { type TopLook, topLook } from './top-look.ts';

/*
 * What a terminal shows of a report. Fields it does not know are passed over, so that an agent of another version can be looked at.
 */

const number = z.number();
const provenance = z.enum(['endpoint', 'memory', 'build', 'kernel', 'environment', 'config', 'inferred']);
const known = <T extends z.ZodType>(value: T) =>
  z.object({ value, from: provenance, detail: z.string().optional(), ageSeconds: number.optional() });
const off = z.union([number, z.literal('off')]);
const level = z.enum(['container', 'sub-container', 'pod', 'qos', 'kubepods', 'slice', 'unit', 'node']);
const limit = z.object({ limit: z.union([number, z.literal('max')]), level, complete: z.boolean() });
const severity = z.enum(['info', 'warning', 'critical']);
const text = z.string();

const container = z.object({
  key: text,
  cgroupPath: text,
  identity: z.object({
    namespace: text.optional(),
    pod: text.optional(),
    podUid: text.optional(),
    container: text.optional(),
    containerId: text.optional(),
    unit: text.optional(),
  }),
  cpu: z.object({ usageCores: number.optional() }),
  throttling: z.object({ throttledRatio: number.optional() }).optional(),
  memory: z.object({ currentBytes: number.optional() }),
  goPids: z.array(number),
  unseenProcesses: number,
});

const process = z.object({
  key: text,
  pid: number,
  container: text.optional(),
  cgroupPath: text,
  name: text,
  goVersion: text,
  settings: z.object({ gomaxprocs: known(number).optional(), gomemlimit: known(off).optional() }),
  runtime: z.object({
    heapLiveBytes: known(number).optional(),
    heapGoalBytes: known(off).optional(),
    goroutines: known(number).optional(),
    gcCpuRatio: known(number).optional(),
  }),
  effective: z.object({
    cpuCores: limit.optional(),
    memoryMaxBytes: limit.optional(),
    memoryHighBytes: limit.optional(),
  }),
  usageCores: number.optional(),
});

const quantity = z.union([number, text]);
const finding = z.object({
  rule: text,
  severity,
  state: z.enum(['pending', 'firing', 'resolved']),
  subject: z.object({ kind: z.enum(['process', 'container', 'pod', 'node']), key: text, cgroupPath: text.optional() }),
  summary: text,
  evidence: z.array(z.object({ signal: text, value: quantity, unit: text, bound: number.optional(), source: text })),
  remedy: z.object({
    text,
    patch: z.object({ kind: text, set: z.record(text, text) }).optional(),
  }),
  sinceUnixMs: number,
});

const report = z.object({
  schemaVersion: z.literal(1),
  takenAt: text.refine((time) => Number.isFinite(Date.parse(time)), 'is no time'),
  windowSeconds: number.optional(),
  node: z.object({
    hostname: text.optional(),
    kernelRelease: text.optional(),
    hierarchy: z.enum(['unified', 'hybrid', 'v1', 'none']),
    privileges: z.object({ ptrace: z.boolean().optional(), dacReadSearch: z.boolean().optional() }),
  }),
  containers: z.array(container),
  goProcesses: z.array(process),
  findings: z.array(finding),
});

/** What another agent saw, out of the JSON text of its `/report`; a string says why it cannot be shown. Never throws. */
export function reportLook(json: string): TopLook | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'the answer is no JSON';
  }
  const parsed = report.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `the answer is no report of cgopher: ${issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`}`;
  }
  const { takenAt, goProcesses, ...rest } = parsed.data;
  // Everything a look is made of has been checked above; a test holds the rows of a report against those of its model.
  const model = {
    ...rest,
    at: { wallMs: Date.parse(takenAt), monotonicMs: 0 },
    pods: podsOf(rest),
    goProcesses: goProcesses.map(({ container: containerKey, ...other }) => ({ ...other, containerKey })),
  } as unknown as NodeModel;
  return topLook(model, rest.findings as unknown as readonly Finding[]);
}

/** A report has no list of pods; those that something is found of are named there, and hold what is below their cgroup. */
function podsOf({ containers, findings }: Pick<z.infer<typeof report>, 'containers' | 'findings'>): unknown[] {
  return findings.flatMap(({ subject: { kind, key, cgroupPath } }) =>
    kind !== 'pod' || cgroupPath === undefined
      ? []
      : [
          {
            key,
            containers: containers
              .filter((each) => each.cgroupPath.startsWith(`${cgroupPath}/`))
              .map((each) => each.key),
          },
        ],
  );
}
