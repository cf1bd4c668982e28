import * as z from 'zod';
import { effectiveSchema } from './effective-limits.ts';
import { goRuntimeSchema } from './go-runtime.ts';
import { known, limit, number, numbers } from './values.ts';

/** One Go process: its program, its settings, what it uses, and how it was read. */
export const goProcessSchema = z.strictObject({
  key: z.string(),
  pid: number,
  container: z.string().optional().describe('key of the container in containers[]'),
  cgroupPath: z.string(),
  name: z.string(),
  goVersion: z.string(),
  module: z.string().optional(),
  moduleVersion: z.string().optional(),
  mainPath: z.string().optional(),
  cgoEnabled: z.boolean().optional(),
  settings: z.strictObject({
    gomaxprocs: known(number).optional(),
    gogc: known(z.union([number, z.literal('off')])).optional(),
    gomemlimit: known(z.union([number, z.literal('off')])).optional(),
    godebug: known(z.string()).optional(),
    contradictions: z
      .array(
        z.strictObject({
          setting: z.enum(['gomaxprocs', 'gogc', 'gomemlimit']),
          values: z.array(known(z.union([number, z.literal('off')]))),
        }),
      )
      .describe('settings that two sources tell differently, the value in force first'),
  }),
  expectedGomaxprocs: z.strictObject({
    value: number.optional(),
    containerAware: z.boolean().optional(),
    offBecause: z.string().optional(),
    setBy: z.string().optional(),
    reason: z.string(),
    missing: z.array(z.string()),
  }),
  runtime: goRuntimeSchema,
  ...numbers('uptimeSeconds', 'threads', 'rssBytes', 'rssAnonBytes', 'usageCores', 'affinityCpus', 'openFilesLimit'),
  cpuSecondsTotal: number,
  openFiles: known(number).optional(),
  init: z
    .strictObject({ pid: number, name: z.string(), handlesSigterm: z.boolean().optional() })
    .optional()
    .describe('process 1 of its PID namespace'),
  effective: effectiveSchema,
  leafCpuLimitCores: limit.optional(),
  attribution: z.strictObject({
    anonShare: number.optional(),
    nonGoBytes: number.optional(),
    detail: z.string().optional(),
  }),
  endpoint: z.string().optional(),
  endpointDetail: z.string(),
  pprof: z.strictObject({
    linked: z.boolean().optional(),
    answersAt: z.string().optional(),
    listen: z.string().optional(),
    beyondLoopback: z.boolean().optional(),
  }),
  memorySource: z
    .strictObject({
      state: z.enum(['attested', 'pending', 'off', 'denied', 'unsupported', 'failed']),
      detail: z.string(),
    })
    .describe('how the memory of the process is read, or why it is not'),
});
