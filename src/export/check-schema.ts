import * as z from 'zod';
import { MISS_KINDS } from '../base/reading.ts';
import { RULE_IDS } from '../rules/types.ts';
import { containerSchema } from './check-schema/container.ts';
import { findingSchema, subjectSchema } from './check-schema/finding.ts';
import { goProcessSchema } from './check-schema/go-process.ts';
import { nodeSchema } from './check-schema/node.ts';

/*
 * The shape of `cgopher check --json`. A field that was not read is left out. Units are in the names; counters end in Total.
 * The JSON Schema in docs/check.schema.json is generated from this file and check-schema/.
 */

/** `cgopher check --json`. */
export const checkReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  cgopherVersion: z.string(),
  takenAt: z.string().describe('RFC 3339, UTC'),
  windowSeconds: z.number().optional().describe('time between the two samples; left out with --once'),
  node: nodeSchema,
  containers: z.array(containerSchema),
  goProcesses: z.array(goProcessSchema),
  findings: z.array(findingSchema),
  unknown: z
    .array(z.strictObject({ rule: z.enum(RULE_IDS), subject: subjectSchema, missing: z.array(z.string()) }))
    .describe('rules that could not judge a subject, and what they would need'),
  misses: z.array(
    z.strictObject({ kind: z.enum(MISS_KINDS), reader: z.string(), source: z.string(), detail: z.string() }),
  ),
});

export type CheckReport = z.infer<typeof checkReportSchema>;

/** The JSON Schema (draft 2020-12) of the report. */
export function checkReportJsonSchema(): unknown {
  return z.toJSONSchema(checkReportSchema);
}
