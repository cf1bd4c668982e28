import type { Container, ContainerState, ContainerStatus, ResourceRequirements } from 'kubernetes-types/core/v1.js';
import { count, field, list, text } from './fields.ts';
import {
  type ContainerFacts,
  type ContainerStatusFacts,
  GO_VARIABLES,
  type ResourceFacts,
  type ResourceTexts,
  type TerminationFacts,
} from './types.ts';

const MAX_NAME = 253;
const MAX_QUANTITY = 64;
/** GODEBUG is the longest of them; the kernel reader cuts at the same length. */
const MAX_ENV_VALUE = 4096;
const MAX_ENV = 4096;
const MAX_ID = 200;
const DIGEST = /sha256:[0-9a-f]{64}$/;

function quantity(value: unknown): string | undefined {
  // The API writes them as text; a person's manifest may have had a number.
  return typeof value === 'number' ? String(value).slice(0, MAX_QUANTITY) : text(value, MAX_QUANTITY);
}

function resourceTexts(value: unknown): ResourceTexts {
  return {
    cpu: quantity(field<Record<'cpu', string>>(value, 'cpu')),
    memory: quantity(field<Record<'memory', string>>(value, 'memory')),
  };
}

/** A `resources` field, of a container, its status or a pod. */
export function resourceFacts(value: unknown): ResourceFacts {
  return {
    requests: resourceTexts(field<ResourceRequirements>(value, 'requests')),
    limits: resourceTexts(field<ResourceRequirements>(value, 'limits')),
  };
}

/** Of the environment the five Go variables, where their value is written out. The kubelet would replace `$(NAME)` in it. */
function goEnvironment(env: unknown): ContainerFacts['goEnvironment'] {
  const kept: [(typeof GO_VARIABLES)[number], string][] = [];
  for (const entry of list(env, MAX_ENV)) {
    const name = GO_VARIABLES.find((known) => known === field<{ name: string }>(entry, 'name'));
    const value = text(field<{ value: string }>(entry, 'value'), MAX_ENV_VALUE);
    if (name !== undefined && value !== undefined && !value.includes('$(')) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

function termination(state: unknown): TerminationFacts | undefined {
  const ended = field<ContainerState>(state, 'terminated');
  if (typeof ended !== 'object' || ended === null) return undefined;
  type Terminated = NonNullable<ContainerState['terminated']>;
  const finished = text(field<Terminated>(ended, 'finishedAt'), 64);
  const finishedUnixMs = finished === undefined ? Number.NaN : Date.parse(finished);
  return {
    reason: text(field<Terminated>(ended, 'reason'), 128),
    exitCode: count(field<Terminated>(ended, 'exitCode')),
    finishedUnixMs: Number.isNaN(finishedUnixMs) ? undefined : finishedUnixMs,
  };
}

function statusFacts(status: unknown): ContainerStatusFacts {
  const resources = field<ContainerStatus>(status, 'resources');
  // `containerd://3f9c...`: the cgroup's name has the part after the slashes.
  const id = text(field<ContainerStatus>(status, 'containerID'), MAX_ID);
  return {
    containerId: id?.slice(id.lastIndexOf('/') + 1),
    imageDigest: DIGEST.exec(text(field<ContainerStatus>(status, 'imageID'), 1024) ?? '')?.[0],
    restartCount: count(field<ContainerStatus>(status, 'restartCount')),
    lastTermination: termination(field<ContainerStatus>(status, 'lastState')),
    resources: typeof resources === 'object' && resources !== null ? resourceFacts(resources) : undefined,
  };
}

/** What is kept of one container; undefined: it has no name. */
export function containerFacts(spec: unknown, init: boolean, statuses: readonly unknown[]): ContainerFacts | undefined {
  const name = text(field<Container>(spec, 'name'), MAX_NAME);
  if (name === undefined) return undefined;
  const status = statuses.find((entry) => field<ContainerStatus>(entry, 'name') === name);
  const kept = field<Container>(spec, 'restartPolicy') === 'Always';
  return {
    name,
    kind: init ? (kept ? 'sidecar' : 'init') : 'container',
    resources: resourceFacts(field<Container>(spec, 'resources')),
    goEnvironment: goEnvironment(field<Container>(spec, 'env')),
    status: status === undefined ? undefined : statusFacts(status),
  };
}
