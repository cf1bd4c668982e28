import * as z from 'zod';
import { RULE_IDS } from '../../rules/types.ts';
import { number } from './values.ts';

/** Whom a finding is about. */
export const subjectSchema = z.strictObject({
  kind: z.enum(['process', 'container', 'pod', 'node']),
  key: z.string(),
  namespace: z.string().optional(),
  pod: z.string().optional(),
  container: z.string().optional(),
  cgroupPath: z.string().optional(),
  pid: number.optional(),
  process: z.string().optional(),
});

/** A rule that holds, or held, for a subject. */
export const findingSchema = z.strictObject({
  rule: z.enum(RULE_IDS),
  severity: z.enum(['info', 'warning', 'critical']),
  state: z.enum(['pending', 'firing', 'resolved']),
  subject: subjectSchema,
  summary: z.string(),
  evidence: z.array(
    z.strictObject({
      signal: z.string(),
      value: z.union([number, z.string()]),
      unit: z.string(),
      bound: number.optional(),
      source: z.string(),
    }),
  ),
  remedy: z.strictObject({
    text: z.string(),
    patch: z
      .strictObject({
        kind: z.enum(['env', 'resources', 'go.mod', 'kernel', 'sysctl']),
        set: z.record(z.string(), z.string()),
      })
      .optional(),
  }),
  sinceUnixMs: number,
  evidenceId: z.string().optional().describe('what was behind it, at /evidence/ of the agent that gave this report'),
});
