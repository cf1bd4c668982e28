import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../src/base/clock.ts';
import { FileReader } from '../../src/io/file-reader.ts';
import { CgroupReader } from '../../src/kernel/cgroup/cgroup-reader.ts';
import type { Cadence } from '../../src/kernel/cgroup/control-files.ts';
import { CONTROL_FILES } from '../../src/kernel/cgroup/control-files.ts';
import { createCgroupParsers } from '../../src/kernel/cgroup/parsers.ts';
import { answerLines } from './coprocess.ts';

/*
 * One way of reading the same files, alone in its process. Arguments as for pass.c, after the name of the way:
 * WAY ROOT LIST KEPT OPENED. For each line one pass is made and its processor time told.
 */

type Pass = () => void | Promise<void>;

const [way = '', root = '', list = '', kept = '', opened = ''] = process.argv.slice(2);
const cgroups = readFileSync(list, 'utf8')
  .split('\n')
  .filter((path) => path !== '');
const names = (text: string): string[] => text.split(',').filter((name) => name !== '');
const noMiss = (): void => undefined;

/** The agent's own reader: the files are those of its table. */
function reader(cadence: Cadence): Pass {
  const files = new FileReader({ maxBytes: 1 << 20, maxKept: cgroups.length * 20 });
  const parsers = createCgroupParsers();
  const readers = cgroups.map((path) => {
    const inode = statSync(root + path).ino;
    return new CgroupReader({ root, path, inode, files, parsers, level: 'leaf' });
  });
  return () => {
    const at = systemClock.now();
    for (const one of readers) one.sample(cadence, at, noMiss);
  };
}

/** The agent's file reader and parsers over a given list of files. */
function listed(): Pass {
  const files = new FileReader({ maxBytes: 1 << 20, maxKept: cgroups.length * 20 });
  const parsers = createCgroupParsers();
  const parserOf = (name: string) => {
    const control = CONTROL_FILES.find((file) => file.name === name);
    return control === undefined ? parsers.procs : parsers[control.parser];
  };
  const plan = cgroups.map((path) => ({
    kept: names(kept).map((name) => ({
      file: { path: `${root}${path}/${name}`, fd: undefined },
      parse: parserOf(name),
    })),
    opened: names(opened).map((name) => ({ path: `${root}${path}/${name}`, parse: parserOf(name) })),
  }));
  return () => {
    for (const one of plan) {
      for (const { file, parse } of one.kept) parse(files.bytes, files.readKept(file));
      for (const { path, parse } of one.opened) {
        const length = files.read(path);
        if (length >= 0) parse(files.bytes, length);
      }
    }
  };
}

/** What a file is usually turned into. */
function parseUsually(text: string): Record<string, number | string> {
  const values: Record<string, number | string> = {};
  for (const line of text.split('\n')) {
    const [key, ...rest] = line.split(' ');
    if (key === undefined || key === '') continue;
    if (rest.length === 0) values['value'] = key === 'max' ? key : Number(key);
    for (const word of rest) {
      const [name = '', value] = word.split('=');
      if (value === undefined) values[key] = Number(name);
      else values[`${key}.${name}`] = Number(value);
    }
  }
  return values;
}

function allPaths(): string[][] {
  return cgroups.map((path) => [...names(kept), ...names(opened)].map((name) => `${root}${path}/${name}`));
}

function sync(): Pass {
  const paths = allPaths();
  return () => {
    for (const files of paths)
      for (const path of files) {
        try {
          parseUsually(readFileSync(path, 'utf8'));
        } catch {
          // Not there: the others have nothing to read either.
        }
      }
  };
}

function promises(): Pass {
  const paths = allPaths();
  return async () => {
    for (const files of paths)
      await Promise.all(files.map((path) => readFile(path, 'utf8').then(parseUsually, () => undefined)));
  };
}

const ways: Readonly<Record<string, () => Pass>> = {
  hot: () => reader('hot'),
  full: () => reader('rare'),
  listed,
  sync,
  promises,
};
const pass = ways[way]?.();
if (pass === undefined || readdirSync(root).length === 0) throw new Error(`nothing to read for ${way} below ${root}`);
await answerLines(async () => {
  const before = process.cpuUsage();
  await pass();
  const { user, system } = process.cpuUsage(before);
  return { cpuUsec: user + system };
});
