import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../src/io/file-reader.ts';
import { ProcessReader } from '../../src/kernel/proc/process-reader.ts';
import { initOf } from '../../src/sample/init-process.ts';

let root = '';
let reader: ProcessReader;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgopher-init-'));
  reader = new ProcessReader({ procRoot: root, files: new FileReader({ maxBytes: 65_536, maxKept: 0 }) });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(pid: number, ppid: number, name: string, nsPids: string, caught = '0000000000000000'): void {
  mkdirSync(`${root}/${pid}`, { recursive: true });
  writeFileSync(`${root}/${pid}/stat`, `${pid} (${name}) S ${ppid} 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 500 0 1 0\n`);
  writeFileSync(
    `${root}/${pid}/status`,
    `Name:\t${name}\nUid:\t0\t0\t0\t0\nNSpid:\t${nsPids}\nThreads:\t1\nSigBlk:\t0000000000000000\nSigCgt:\t${caught}\n`,
  );
}

function find(pid: number) {
  const stat = reader.stat(pid);
  const status = reader.status(pid);
  if (!stat.ok || !status.ok) throw new Error('the process of the test is not there');
  return initOf(reader, stat.value, status.value);
}

describe('initOf', () => {
  it('is the process itself, or the ancestor that is process 1', () => {
    put(100, 50, 'sh', '100\t1');
    put(101, 100, 'run.sh', '101\t7');
    // SIGTERM is signal 15: bit 14.
    put(102, 101, 'app', '102\t8', '0000000000004000');
    expect(find(102)).toEqual({ pid: 100, name: 'sh', sigCgt: 0n, sigBlk: 0n });
    put(200, 50, 'app', '200\t1', '0000000000004000');
    expect(find(200)).toEqual({ pid: 200, name: 'app', sigCgt: 0x4000n, sigBlk: 0n });
  });

  it('is unknown outside of namespaces, and where the ancestors lead out of one', () => {
    put(300, 1, 'app', '300');
    expect(find(300)).toBeUndefined();
    // The pod shares a namespace: process 1 is the sandbox's, and the parent is the runtime's shim.
    put(50, 1, 'containerd-shim', '50');
    put(301, 50, 'app', '301\t9');
    expect(find(301)).toBeUndefined();
    put(302, 999, 'app', '302\t9');
    expect(find(302)).toBeUndefined();
  });

  it('ends where processes are each other’s parents', () => {
    put(400, 401, 'a', '400\t5');
    put(401, 400, 'b', '401\t6');
    expect(find(400)).toBeUndefined();
  });
});
