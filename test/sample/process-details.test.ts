import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReader } from '../../src/io/file-reader.ts';
import { ProcessReader } from '../../src/kernel/proc/process-reader.ts';
import { ProcessDetails } from '../../src/sample/process-details.ts';

let root = '';
let reader: ProcessReader;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgopher-details-'));
  reader = new ProcessReader({ procRoot: root, files: new FileReader({ maxBytes: 65_536, maxKept: 0 }) });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(caught: string): void {
  mkdirSync(`${root}/9`, { recursive: true });
  writeFileSync(`${root}/9/stat`, '9 (app) S 1 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 500 0 1 0\n');
  writeFileSync(
    `${root}/9/status`,
    `Name:\tapp\nUid:\t0\t0\t0\t0\nNSpid:\t9\t1\nThreads:\t1\nSigBlk:\t0000000000000000\nSigCgt:\t${caught}\n`,
  );
}

function look(details: ProcessDetails) {
  const stat = reader.stat(9);
  const status = reader.status(9);
  if (!stat.ok || !status.ok) throw new Error('the process of the test is not there');
  return details.of('9@500', stat.value, status.value);
}

describe('ProcessDetails', () => {
  it('are found out on the first look and again every fourth', () => {
    const details = new ProcessDetails(reader);
    put('0000000000000000');
    // Process 9 rests for 9 % 3 = 0 looks less: looks 2, 3 and 4 are told what the first found.
    expect(look(details)).toEqual({ openFiles: undefined, init: { pid: 9, name: 'app', sigCgt: 0n, sigBlk: 0n } });
    put('0000000000004000');
    expect([look(details), look(details), look(details)].map(({ init }) => init?.sigCgt)).toEqual([0n, 0n, 0n]);
    expect(look(details).init?.sigCgt).toBe(0x4000n);
  });

  it('are forgotten with their process', () => {
    const details = new ProcessDetails(reader);
    put('0000000000000000');
    look(details);
    put('0000000000004000');
    details.retain(new Set(['9@500']));
    expect(look(details).init?.sigCgt).toBe(0n);
    details.retain(new Set());
    expect(look(details).init?.sigCgt).toBe(0x4000n);
  });
});
