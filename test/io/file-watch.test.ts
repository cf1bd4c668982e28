import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FileWatch, watchFile } from '../../src/io/file-watch.ts';

let directory = '';
let watching: FileWatch | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'file-watch-'));
});

afterEach(async () => {
  await watching?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Puts `text` in place as the kubelet does: a new directory, then `..data` swapped to it by a rename. */
function publish(version: number, text: string): void {
  mkdirSync(join(directory, `..${version}`));
  writeFileSync(join(directory, `..${version}`, 'config.yaml'), text);
  symlinkSync(`..${version}`, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  if (version > 1) rmSync(join(directory, `..${version - 1}`), { recursive: true });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('each swap of a ConfigMap volume is one change', async () => {
  publish(1, 'interval: 10s');
  const path = join(directory, 'config.yaml');
  symlinkSync(join('..data', 'config.yaml'), path);
  let changes = 0;
  watching = watchFile(path, () => {
    changes += 1;
  });
  await watching.ready;
  await pause(200);
  for (let swap = 1; swap <= 3; swap += 1) {
    publish(swap + 1, `interval: ${swap}s`);
    while (changes < swap) await pause(10);
    await pause(400);
    expect(changes).toBe(swap);
  }
});

test('a write in place is seen, and nothing after close', async () => {
  const path = join(directory, 'config.yaml');
  writeFileSync(path, 'a');
  let changes = 0;
  watching = watchFile(path, () => {
    changes += 1;
  });
  await watching.ready;
  await pause(200);
  writeFileSync(path, 'ab');
  while (changes < 1) await pause(10);
  await watching.close();
  const before = changes;
  writeFileSync(path, 'abc');
  await pause(200);
  expect(changes).toBe(before);
});
