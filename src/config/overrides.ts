import * as z from 'zod';
import { thresholdsSchema } from './thresholds.ts';

/** What is left of the thresholds for one subject: how the engine counts looks is the same for all. */
const ruleThresholds = thresholdsSchema.omit({ engine: true });

type RuleThresholds = z.output<typeof ruleThresholds>;

/** The same numbers under the same bounds, each of which may be left out. */
const partialThresholds = z.strictObject(
  Object.fromEntries(
    Object.entries(ruleThresholds.shape).map(([group, schema]) => {
      const fields: Readonly<Record<string, z.ZodDefault<z.ZodType>>> = schema.unwrap().shape;
      const optional = Object.entries(fields).map(([name, field]) => [
        name,
        field.unwrap().optional().meta({ description: field.meta()?.description }),
      ]);
      return [group, z.strictObject(Object.fromEntries(optional)).optional()];
    }),
  ),
);

const name = (description: string) => z.string().min(1).max(253).optional().meta({ description });

/** One entry of `overrides`. */
export const overrideSchema = z
  .strictObject({
    namespace: name('Kubernetes namespace; left out: any.'),
    pod: name('Pod name; left out: any.'),
    container: name('Container name, or the unit of a service; left out: any.'),
    disable: z
      .array(z.string().regex(/^[A-Z][A-Za-z0-9]{0,63}$/, 'expected a rule id such as GomaxprocsAboveCpuLimit'))
      .max(200)
      .default([])
      .meta({ description: 'Rules that are not run for these subjects.' }),
    thresholds: partialThresholds
      .optional()
      .meta({ description: 'Numbers for these subjects; those left out are as in `thresholds`.' }),
  })
  .refine(({ namespace, pod, container }) => (namespace ?? pod ?? container) !== undefined, {
    error:
      'needs at least one of namespace, pod and container; for all subjects there are rules.disable and thresholds',
  });

/** Rules and thresholds for the subjects that all names given fit. */
export interface Override {
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly disable: readonly string[];
  /** All thresholds, those of the entry over those of the file; undefined when the entry has none. */
  readonly thresholds: RuleThresholds | undefined;
}

type Entry = z.output<typeof overrideSchema>;

/**
 * Puts each entry's thresholds over those of the file. What is wrong only together, such as a warning bound above the critical bound
 * of the file, is told with its place below `overrides`.
 */
export function overridesFrom(
  entries: readonly Entry[],
  thresholds: RuleThresholds,
): { readonly overrides: readonly Override[]; readonly issues: readonly z.core.$ZodIssue[] } {
  const issues: z.core.$ZodIssue[] = [];
  const groups = Object.entries(thresholds).filter(([group]) => group in ruleThresholds.shape);
  const overrides = entries.map(({ thresholds: changes, ...entry }, index): Override => {
    if (changes === undefined) return { ...entry, thresholds: undefined };
    const merged = ruleThresholds.safeParse(
      Object.fromEntries(groups.map(([group, numbers]) => [group, { ...numbers, ...changes[group] }])),
    );
    if (merged.success) return { ...entry, thresholds: merged.data };
    for (const issue of merged.error.issues)
      issues.push({ ...issue, path: ['overrides', index, 'thresholds', ...issue.path] });
    return { ...entry, thresholds: undefined };
  });
  return { overrides, issues };
}
