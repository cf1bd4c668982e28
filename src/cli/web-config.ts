import { WebConfigFile } from '../io/web-config-file.ts';

/** The web configuration of `--web.config.file`; it is read when the server starts. Undefined without the flag. */
export async function openWebConfig(file: string | undefined): Promise<WebConfigFile | undefined> {
  if (file === undefined) return undefined;
  // As with the agent's own file, only who has one pays for YAML and schema libraries.
  const { parseWebConfig } = await import('../config/web-config.ts');
  return new WebConfigFile(file, parseWebConfig);
}
