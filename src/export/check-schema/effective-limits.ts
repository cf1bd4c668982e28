import * as z from 'zod';
import { level, limit, number } from './values.ts';

const effectiveLimit = z.strictObject({ limit, level, cgroupPath: z.string(), complete: z.boolean() });

/** What is in force over a cgroup and all above it, each with the level that sets it. */
export const effectiveSchema = z.strictObject({
  cpuCores: effectiveLimit.optional(),
  cpuPeriodSeconds: number.optional(),
  cpuBurstSeconds: number.optional(),
  memoryMaxBytes: effectiveLimit.optional(),
  memoryHighBytes: effectiveLimit.optional(),
  cpusetCpus: number.optional(),
});
