import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dashboards } from '../../deploy/source/dashboards/dashboards.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIRECTORY = `${ROOT}deploy/grafana/`;

describe('the dashboards in deploy/grafana', () => {
  const built = Object.entries(dashboards());

  it.each(built)('%s is what the source says; UPDATE_DEPLOY=1 writes it', (name, dashboard) => {
    const wanted = JSON.stringify(dashboard);
    if (process.env['UPDATE_DEPLOY'] === '1') {
      writeFileSync(DIRECTORY + name, wanted);
      execFileSync(`${ROOT}node_modules/.bin/biome`, ['format', '--write', DIRECTORY + name], { cwd: ROOT });
    }
    // Formatting aside, the order of keys included.
    const committed = JSON.stringify(JSON.parse(readFileSync(DIRECTORY + name, 'utf8')));
    expect(
      committed,
      'out of date: run `UPDATE_DEPLOY=1 npx vitest run --config .config/vitest.config.ts test/deploy/dashboards.test.ts`',
    ).toBe(wanted);
  });

  it('are all there is in the directory', () => {
    expect(readdirSync(DIRECTORY).sort()).toEqual(built.map(([name]) => name).sort());
  });

  it('come out the same each time', () => {
    expect(JSON.stringify(dashboards())).toBe(JSON.stringify(dashboards()));
  });
});
