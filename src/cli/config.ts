import { type Config, defaultConfig } from '../config/config.ts';
import { formatProblem } from '../config/problems.ts';
import { RULE_IDS } from '../rules/types.ts';

/** A configuration file that is refused: every problem at once, each as file:line:column. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
}

/** Reads the configuration, or gives the defaults when no file is named. Rejects with {@link ConfigRefused}. */
export async function readConfig(file: string | undefined): Promise<Config> {
  if (file === undefined) return defaultConfig();
  // YAML and schema libraries cost a quarter of the start and 10 MB: only who has a file pays.
  const { loadConfig } = await import('../config/load.ts');
  const result = loadConfig(file, { knownRules: RULE_IDS });
  if (result.ok) return result.config;
  throw new ConfigRefused(result.problems.map(formatProblem).join('\n'));
}
