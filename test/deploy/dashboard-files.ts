import { readdirSync, readFileSync } from 'node:fs';
import { ROOT } from './committed.ts';

/** The dashboards of deploy/grafana as they are committed, by name of the file. A test of their own compares them with their source. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  const folder = `${ROOT}deploy/grafana/`;
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(folder + name, 'utf8')]));
}
