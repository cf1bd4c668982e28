import { readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAtOnce } from '../../src/agent/slices.ts';
import { type Executable, ExecutableCache } from '../../src/sample/executables.ts';
import { SmallNode } from './small-node.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});
afterEach(() => {
  node.close();
});

const image = (name: string) => join(node.directory, 'images', name);
function inspect(cache: ExecutableCache, path: string): Executable {
  const reading = runAtOnce(cache.inspect(path));
  if (!reading.ok) throw new Error(JSON.stringify(reading));
  return reading.value;
}

describe('ExecutableCache', () => {
  it('reads each version of a file once, whatever name it has', () => {
    const cache = new ExecutableCache();
    symlinkSync(image('app'), image('link'));
    const first = inspect(cache, image('app'));
    expect(first.build?.main?.path).toBe('example.com/app');
    expect(inspect(cache, image('link'))).toBe(first);
    // The same inode and size with another time is another version.
    utimesSync(image('app'), 1, 1);
    const second = inspect(cache, image('app'));
    expect(second).not.toBe(first);
    expect(second.identity).not.toBe(first.identity);
    expect({ ...second, identity: '' }).toEqual({ ...first, identity: '' });
  });

  it('tells which handlers are linked', () => {
    node.go('server', { serves: { pprof: true, metrics: '1.20' } });
    expect(inspect(new ExecutableCache(), image('server')).handlers).toEqual({
      pprof: true,
      expvar: false,
      promhttp: true,
    });
  });

  it('knows a program that is not Go, and a file that is no program', () => {
    writeFileSync(image('script'), '#!/bin/sh\n');
    const cache = new ExecutableCache();
    for (const name of ['other', 'script'])
      expect(inspect(cache, image(name))).toMatchObject({ build: undefined, handlers: undefined, miss: undefined });
  });

  it('remembers the miss of broken build information', () => {
    const bytes = readFileSync(image('app'));
    const at = bytes.indexOf('\xff Go buildinf:', 0, 'latin1');
    bytes.fill(0xff, at + 32, at + 40);
    writeFileSync(image('broken'), bytes);
    const cache = new ExecutableCache();
    const broken = inspect(cache, image('broken'));
    expect(broken.build).toBeUndefined();
    expect(broken.miss).toMatchObject({ kind: 'malformed', reader: 'build_info', source: image('broken') });
    expect(inspect(cache, image('broken'))).toBe(broken);
  });

  it('tells an executable that is not there as absent', () => {
    symlinkSync(image('nothing'), image('dangling'));
    const reading = runAtOnce(new ExecutableCache().inspect(image('dangling')));
    expect(reading).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.exe' } });
  });

  it('learns nothing from a process that ends or executes another program while it is looked at', () => {
    node.go('server', { serves: { pprof: true } });
    const cache = new ExecutableCache();
    const exe = image('exe');
    symlinkSync(image('server'), exe);
    for (const next of [undefined, 'other']) {
      rmSync(exe, { force: true });
      symlinkSync(image('server'), exe);
      const steps = cache.inspect(exe);
      // The first turn ends after the build information, before the handlers are searched.
      expect(steps.next().done).toBe(false);
      rmSync(exe);
      if (next !== undefined) symlinkSync(image(next), exe);
      expect(runAtOnce(steps)).toMatchObject({ ok: false, miss: { kind: 'absent' } });
    }
    // And what it did not learn is not remembered.
    expect(inspect(cache, image('server')).handlers?.pprof).toBe(true);
  });

  it('drops the least recently used of 1025', () => {
    const cache = new ExecutableCache();
    const path = (index: number) => image(`n${index}`);
    for (let index = 0; index < 1025; index += 1) writeFileSync(path(index), 'x'.repeat(index));
    // Files that are no programs: what is compared is the object remembered for each.
    node.go('first', {});
    node.go('second', {});
    const first = inspect(cache, image('first'));
    const second = inspect(cache, image('second'));
    for (let index = 0; index < 1022; index += 1) inspect(cache, path(index));
    expect(inspect(cache, image('first'))).toBe(first);
    // 1024 are known, second is the one not used for longest.
    inspect(cache, path(1022));
    expect(inspect(cache, image('first'))).toBe(first);
    expect(inspect(cache, image('second'))).not.toBe(second);
  });
});
