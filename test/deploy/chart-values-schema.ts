import * as z from 'zod';
import { type Schema, valuesSchema } from '../../deploy/source/chart/values-schema.ts';
import { configFileSchema } from '../../src/config/schema.ts';

/** The schema of the chart's values, with that of the agent's configuration in it. */
export function chartValuesSchema(): Schema {
  const config: Record<string, unknown> = z.toJSONSchema(configFileSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // Helm reads patterns as Go does, which has no look-ahead; the agent checks these itself.
      if (jsonSchema.pattern?.includes('(?') === true) delete jsonSchema.pattern;
    },
  });
  // Said once, of the whole.
  delete config['$schema'];
  return valuesSchema(config);
}
