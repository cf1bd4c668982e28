import * as z from 'zod';
import { duration, ratio, size } from './fields.ts';

const name = (description: string) => z.string().min(1).max(253).meta({ description });

const selectorSchema = z.strictObject({
  namespace: name('Kubernetes namespace. Compared whole, as all names here.'),
  pod: name('Pod name; left out: any of the namespace.').optional(),
  container: name('Container name; left out: any.').optional(),
});

const gcNudgeSchema = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: 'Ask Go programs for a collection when their memory limit is near. Touches the workload.',
    }),
    selectors: z.array(selectorSchema).max(1000).default([]).meta({
      description: 'Whose programs may be asked. Needed as well: nothing else is ever asked.',
    }),
    atMemoryRatio: z.number().min(0.5).max(0.99).default(0.85).meta({
      description:
        'Share of the memory limit in use, memory.current, from which a collection is thought of. Below it there is room, close to 1 it comes too late.',
    }),
    minFreed: size('What a collection must be expected to free at least. Less is not worth a collection.', {
      min: '1MiB',
      max: '256GiB',
    }).prefault('32MiB'),
    maxGcCpuRatio: ratio(
      0.1,
      'Share of the program’s CPU time that collecting may take already: above it the program collects without pause as it is.',
    ),
    processInterval: duration('Between two collections asked of one process.', {
      minMs: 60_000,
      maxMs: 24 * 3_600_000,
    }).prefault('10m'),
    nodeInterval: duration('Between two collections asked of anyone on the node, and after the agent’s start.', {
      minMs: 30_000,
      maxMs: 3_600_000,
    }).prefault('1m'),
  })
  .refine(({ enabled, selectors }) => !enabled || selectors.length > 0, {
    path: ['selectors'],
    error: 'must name at least one namespace when enabled is true: what may be touched is said twice',
  });

/** What the agent does to workloads. Everything is off. */
export const actionsSchema = z.strictObject({
  gcNudge: gcNudgeSchema.prefault({}).meta({
    description: 'Collections asked of Go programs near their memory limit.',
  }),
});
