import * as z from 'zod';
import { actionsSchema } from './actions-schema.ts';
import { alertmanagerSchema } from './alertmanager-schema.ts';
import { duration, size } from './fields.ts';
import { kubernetesSchema } from './kubernetes-schema.ts';
import { overrideSchema } from './overrides.ts';
import { thresholdsSchema } from './thresholds.ts';

const HOUR_MS = 3_600_000;

/** A selector: compared whole, never as a pattern. */
const name = (description: string) => z.string().min(1).max(253).optional().meta({ description });

const urlPath = (description: string) =>
  z
    .string()
    .max(1024)
    .regex(/^\/[!-~]*$/, 'expected a path that starts with / and has no blanks')
    .optional()
    .meta({ description });

const targetSchema = z.strictObject({
  namespace: name('Kubernetes namespace; left out: any.'),
  pod: name('Pod name; left out: any.'),
  container: name('Container name; left out: any.'),
  process: name('Command name (/proc/PID/comm) or main module path of the Go program; left out: any.'),
  scheme: z.enum(['http', 'https']).default('http').meta({ description: 'How to speak to the endpoint.' }),
  insecureSkipVerify: z.boolean().default(false).meta({
    description: 'With https: take any certificate. Programs in pods seldom have one that names their address.',
  }),
  address: z
    .string()
    .regex(
      /^(127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}|::1)$/,
      'expected a loopback address (127.0.0.1 or ::1), or nothing',
    )
    .optional()
    .meta({
      description:
        "Left out: the pod's own address. Only loopback may be written, so that a configuration cannot send the agent elsewhere.",
    }),
  port: z.int().min(1).max(65535).meta({ description: 'TCP port.' }),
  paths: z
    .strictObject({
      metrics: urlPath('Prometheus text.'),
      expvar: urlPath('JSON of the expvar package.'),
      pprof: urlPath('Index of net/http/pprof.'),
    })
    .optional()
    .meta({ description: 'Where the handlers are mounted, when not in the usual places.' }),
});

const endpointsSchema = z.strictObject({
  enabled: z.boolean().default(true).meta({ description: 'Ask Go programs over HTTP at all.' }),
  interval: duration('Between two readings of cheap endpoints; left out: as the top-level interval.', {
    minMs: 1000,
    maxMs: HOUR_MS,
  }).optional(),
  profileInterval: duration(
    'Between two goroutine profiles of one process, and between two memory figures of one that has expvar or pprof but no metrics. Both stop the program for a moment.',
    {
      minMs: 10_000,
      maxMs: 24 * HOUR_MS,
    },
  ).prefault('5m'),
  leakProfileInterval: duration(
    'Between two goroutineleak profiles of one process (Go 1.27, or 1.26 built with the experiment). Each runs a full collection in the program, so they are off when this is left out.',
    { minMs: 60_000, maxMs: 24 * HOUR_MS },
  ).optional(),
  timeout: duration('For one whole request; left out: 5s, or the interval when that is shorter.', {
    minMs: 100,
    maxMs: 60_000,
  }).optional(),
  maxBytes: size('Cap on one answer, as sent and as inflated.', { min: '1KiB', max: '256MiB' }).prefault('16MiB'),
  concurrency: z.int().min(1).max(64).default(4).meta({ description: 'Requests under way at once, one per program.' }),
  targets: z.array(targetSchema).max(1000).default([]).meta({
    description: 'Endpoints that cannot be found, or must be read in a special way. The first that fits counts.',
  }),
});

const discoverySchema = z.strictObject({
  enterNetworkNamespaces: z.boolean().default(false).meta({
    description:
      'Reach endpoints that listen on loopback of a network namespace of their own, by a short-lived child that enters it. Needs CAP_SYS_ADMIN, which is close to root on the node.',
  }),
});

const runtimeMemorySchema = z.strictObject({
  enabled: z.boolean().default(true).meta({
    description:
      'Read the variables of Go runtimes from the memory of their processes, where permitted: the same user, or CAP_SYS_PTRACE together with CAP_DAC_READ_SEARCH. Read only, without stopping them.',
  }),
  goroutineInterval: duration(
    'Between two counts of one process’s goroutines by the place that started them; sooner when their number grows.',
    { minMs: 1000, maxMs: 24 * HOUR_MS },
  ).prefault('5m'),
});

const rulesSchema = z.strictObject({
  disable: z
    .array(z.string().regex(/^[A-Z][A-Za-z0-9]{0,63}$/, 'expected a rule id such as GomaxprocsAboveCpuLimit'))
    .max(200)
    .default([])
    .meta({ description: 'Rules that are not run.' }),
});

const metricsSchema = z.strictObject({
  maxSeries: z.int().min(1000).max(10_000_000).default(50_000).meta({
    description:
      'Series of containers and Go processes at most, three times what 110 pods of two containers have. Beyond it collectors are left out whole, the least important first.',
  }),
});

/** The configuration file. Unknown keys are problems. */
export const configFileSchema = z.strictObject({
  interval: duration('Between two looks at the node.', { minMs: 1000, maxMs: HOUR_MS }).prefault('15s'),
  endpoints: endpointsSchema.prefault({}).meta({ description: 'How Go programs are asked about themselves.' }),
  discovery: discoverySchema.prefault({}).meta({ description: 'How endpoints are found.' }),
  runtimeMemory: runtimeMemorySchema.prefault({}).meta({ description: 'What is read without asking the program.' }),
  thresholds: thresholdsSchema.prefault({}).meta({ description: 'Every number the rules decide by.' }),
  rules: rulesSchema.prefault({}).meta({ description: 'Which rules run.' }),
  metrics: metricsSchema.prefault({}).meta({ description: 'What is exposed.' }),
  alertmanager: alertmanagerSchema.prefault({}).meta({ description: 'Findings pushed to Alertmanagers.' }),
  kubernetes: kubernetesSchema
    .prefault({})
    .meta({ description: 'Optional access to the Kubernetes API. Without it names come from the node itself.' }),
  actions: actionsSchema
    .prefault({})
    .meta({ description: 'What is done to workloads. Without this section: nothing.' }),
  overrides: z.array(overrideSchema).max(1000).default([]).meta({
    description:
      'Rules and thresholds for some subjects. Of the entries that fit, all say what is switched off, and the first that has thresholds gives the numbers.',
  }),
});

/** The file after parsing and defaults: durations in milliseconds, sizes in bytes. */
export type ConfigFile = z.output<typeof configFileSchema>;

/** JSON Schema (draft 2020-12) of the file as a person writes it. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configFileSchema, { io: 'input' });
}
