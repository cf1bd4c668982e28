import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DirectoryWatch, type StartWatch } from '../../src/io/directory-watch.ts';

class FakeWatcher extends EventEmitter {
  closed = 0;
  close(): void {
    this.closed += 1;
  }
}

interface Started {
  readonly watcher: FakeWatcher;
  readonly event: (kind: string) => void;
}

function fakes(): { started: Map<string, Started>; start: StartWatch; fail: { code: string | undefined } } {
  const started = new Map<string, Started>();
  const fail: { code: string | undefined } = { code: undefined };
  const start: StartWatch = (directory, event) => {
    if (fail.code !== undefined) throw Object.assign(new Error(fail.code), { code: fail.code });
    const watcher = new FakeWatcher();
    started.set(directory, { watcher, event });
    return watcher as unknown as ReturnType<StartWatch>;
  };
  return { started, start, fail };
}

describe('DirectoryWatch over a made-up watcher', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives one hint a directory for events close together, also when they never stop', () => {
    const { started, start } = fakes();
    const heard: string[] = [];
    const watch = new DirectoryWatch((directory) => heard.push(directory), 10, start);
    watch.add('/a');
    watch.add('/b');
    for (let i = 0; i < 5; i++) {
      started.get('/a')?.event('rename');
      vi.advanceTimersByTime(1.25);
    }
    started.get('/b')?.event('rename');
    expect(heard).toEqual(['/a']);
    vi.advanceTimersByTime(20);
    expect(heard).toEqual(['/a', '/a', '/b']);
  });

  it('does not tell of changed files', () => {
    const { started, start } = fakes();
    const onChange = vi.fn();
    const watch = new DirectoryWatch(onChange, 10, start);
    watch.add('/a');
    started.get('/a')?.event('change');
    vi.advanceTimersByTime(100);
    expect(onChange).not.toHaveBeenCalled();
  });

  it('closes a watch that is removed, and drops the hint on its way', () => {
    const { started, start } = fakes();
    const onChange = vi.fn();
    const watch = new DirectoryWatch(onChange, 10, start);
    watch.add('/a');
    started.get('/a')?.event('rename');
    watch.remove('/a');
    watch.remove('/a');
    started.get('/a')?.event('rename');
    vi.advanceTimersByTime(100);
    expect(onChange).not.toHaveBeenCalled();
    expect(started.get('/a')?.watcher.closed).toBe(1);
    expect(watch.count).toBe(0);
  });

  it('adds a directory once, and not over its limit', () => {
    const { started, start } = fakes();
    const watch = new DirectoryWatch(() => undefined, 2, start);
    expect([watch.add('/a'), watch.add('/a'), watch.add('/b'), watch.add('/c')]).toEqual([true, true, true, false]);
    expect(watch.count).toBe(2);
    watch.close();
    expect([...started.values()].map((each) => each.watcher.closed)).toEqual([1, 1]);
  });

  it.each(['EMFILE', 'ENFILE', 'ENOSPC'])('stops adding on %s until a watch is given back', (code) => {
    const { start, fail } = fakes();
    const watch = new DirectoryWatch(() => undefined, 10, start);
    watch.add('/a');
    fail.code = code;
    expect(watch.add('/b')).toBe(false);
    expect(watch.exhausted).toBe(true);
    fail.code = undefined;
    expect(watch.add('/c')).toBe(false);
    watch.remove('/a');
    expect(watch.add('/c')).toBe(true);
  });

  it('goes on after a directory that is not there, and lets go of one whose watcher fails', () => {
    const { started, start, fail } = fakes();
    const watch = new DirectoryWatch(() => undefined, 10, start);
    fail.code = 'ENOENT';
    expect(watch.add('/a')).toBe(false);
    expect(watch.exhausted).toBe(false);
    fail.code = undefined;
    expect(watch.add('/a')).toBe(true);
    started.get('/a')?.watcher.emit('error', new Error('EIO'));
    expect(watch.count).toBe(0);
    expect(started.get('/a')?.watcher.closed).toBe(1);
  });
});

describe('DirectoryWatch over inotify', () => {
  it('hears of a new directory, and is false for one that is not there', async () => {
    const root = mkdtempSync(join(tmpdir(), 'directory-watch-'));
    try {
      const heard = new Promise<string>((resolve) => {
        const watch = new DirectoryWatch((directory) => {
          watch.close();
          resolve(directory);
        }, 10);
        expect(watch.add(join(root, 'nothing'))).toBe(false);
        expect(watch.add(root)).toBe(true);
        mkdirSync(join(root, 'new'));
      });
      expect(await heard).toBe(root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
