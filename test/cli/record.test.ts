import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { ID_A, POD_A, SmallNode, scope, termination, UID_A } from '../sample/small-node.ts';

let node: SmallNode;
let base = '';
let directory = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'record-'));
  directory = join(base, 'out');
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
  node.cgroup(scope(ID_A), { 'memory.max': '67108864\n' });
  node.procs(scope(ID_A), [101]);
  node.process(101, { environment: ['GOMEMLIMIT=128MiB', 'SECRET=hunter2'], mounts: [termination('web')] });
  node.write(`pods/shop_web-0_${UID_A}/web/0.log`, '');
});
afterEach(() => {
  node.close();
  rmSync(base, { recursive: true });
});

/** Runs the command line in this process. */
async function run(words: readonly string[], stopped = new Promise<string>(() => undefined)) {
  const told = { out: '', err: '', status: 0 };
  await program({
    out: (text) => {
      told.out += text;
    },
    err: (text) => {
      told.err += text;
    },
    terminal: { columns: 120, color: false },
    stopped,
    exit: (status) => {
      told.status = status;
    },
  }).parseAsync(['node', 'cgopher', ...words]);
  return told;
}
const record = (words: readonly string[], stopped?: Promise<string>) =>
  run(
    [
      'record',
      ...Object.entries(node.paths).map(([name, path]) => `--path.${name}=${path}`),
      ...['--log.level', 'error', '--out', directory, ...words],
    ],
    stopped,
  );

describe('record, then replay', () => {
  it('writes what the agent samples for a while, and tells what fired when', async () => {
    const recorded = await record(['--for', '4s', '--interval', '1s']);
    expect(recorded).toMatchObject({ status: 0, out: '' });
    // At 0, 1, 2 and 3 s; fewer on a machine that is busy.
    expect(recorded.err).toMatch(/^done: recorded [2-4] cycles, 0\.0 MiB in 1 segment; see it with: cgopher replay /);
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ intervalMs: 1000, withLabels: false, engine: { forCycles: 2 } });
    const table = await run(['replay', directory]);
    expect(table).toMatchObject({ status: 0, err: '' });
    expect(table.out).toMatch(/ pending +critical +GomemlimitAboveMemoryLimit +shop\/web-0\/web /);
    expect(table.out).toMatch(/ firing +critical +GomemlimitAboveMemoryLimit /);
    const json = JSON.parse((await run(['replay', directory, '--json'])).out) as {
      report: { findings: { rule: string }[] };
    };
    expect(json.report.findings.map((finding) => finding.rule)).toContain('GomemlimitAboveMemoryLimit');
  });

  it('ends by a signal with a recording that is whole', async () => {
    const stopped = new Promise<string>((resolve) => setTimeout(resolve, 500, 'SIGINT'));
    const recorded = await record(['--for', '1h'], stopped);
    expect(recorded.status).toBe(0);
    expect(recorded.err).toMatch(/^SIGINT: recorded 1 cycle, /);
    const { out } = await run(['replay', directory]);
    expect(out).toContain('1 cycle in 0s from ');
    expect(out).not.toContain('note:');
  });

  it.each([
    [['--for', 'soon'], /--for/],
    [['--max-bytes', '10'], /1MiB or more/],
    [['--max-bytes', 'many'], /1MiB or more/],
    [['--interval', '0'], /at least 1s/],
  ])('refuses %j', async (words, hint) => {
    const told = { err: '' };
    const status = await record(words).then(
      (result) => {
        told.err = result.err;
        return result.status;
      },
      (error: unknown) => {
        told.err = String(error);
        return 2;
      },
    );
    expect(status).toBe(2);
    expect(told.err).toMatch(hint);
  });

  it('refuses to write over a recording, and to replay what is none', async () => {
    await record(['--for', '1ms']);
    expect(await record(['--for', '1ms'])).toMatchObject({
      status: 2,
      err: `cgopher: cannot record to ${directory}: not empty\n`,
    });
    expect(await run(['replay', base])).toMatchObject({ status: 2, err: `cgopher: cannot replay ${base}: ENOENT\n` });
  });
});
