import * as z from 'zod';
import { pressuresSchema } from './pressure.ts';
import { number, numbers } from './values.ts';

/** The machine, and with which privileges it was looked at. */
export const nodeSchema = z.strictObject({
  hostname: z.string().optional(),
  kernelRelease: z.string().optional(),
  hierarchy: z.enum(['unified', 'hybrid', 'v1', 'none']),
  hierarchyDetail: z.string(),
  controllers: z.array(z.string()),
  ...numbers('cpusOnline', 'memoryTotalBytes', 'memoryAvailableBytes', 'swapTotalBytes', 'swapFreeBytes'),
  pressure: pressuresSchema,
  sysctls: z.record(z.string(), z.union([z.string(), number])),
  blockDevices: z
    .array(z.strictObject({ device: z.string(), name: z.string(), scheduler: z.string().optional() }))
    .optional(),
  numaNodes: z
    .array(z.strictObject({ node: number, cpus: z.array(number) }))
    .optional()
    .describe('empty: fewer than two'),
  privileges: z.strictObject({ ptrace: z.boolean().optional(), dacReadSearch: z.boolean().optional() }),
});
