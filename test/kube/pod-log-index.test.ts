import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PodLogIndex } from '../../src/kube/pod-log-index.ts';

const UID = '3f8a6c1e-52b7-4d0e-9a41-7c1de0b6f2a8';
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgopher-logs-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function logFile(pod: string, container: string, file: string): void {
  mkdirSync(join(root, pod, container), { recursive: true });
  writeFileSync(join(root, pod, container, file), '');
}

describe('PodLogIndex', () => {
  it('knows nothing before the first refresh', () => {
    expect(new PodLogIndex({ root }).get(UID)).toBeUndefined();
  });

  it('gives names and restart counts by UID', () => {
    logFile(`monitoring_prometheus-0_${UID}`, 'server', '0.log');
    logFile(`monitoring_prometheus-0_${UID}`, 'server', '2.log');
    logFile(`monitoring_prometheus-0_${UID}`, 'init-chown', '0.log');
    mkdirSync(join(root, `monitoring_prometheus-0_${UID}`, 'starting'));
    logFile('not-a-pod', 'x', '0.log');
    writeFileSync(join(root, `default_file_${UID}`), '');
    const index = new PodLogIndex({ root });
    expect(index.refresh()).toEqual([]);
    expect(index.size).toBe(1);
    expect(index.get(UID)).toEqual({
      namespace: 'monitoring',
      pod: 'prometheus-0',
      containers: new Map([
        ['server', 2],
        ['init-chown', 0],
        ['starting', undefined],
      ]),
    });
  });

  it('follows changes', () => {
    logFile(`default_web_${UID}`, 'app', '0.log');
    const index = new PodLogIndex({ root });
    index.refresh();
    logFile(`default_web_${UID}`, 'app', '1.log');
    index.refresh();
    expect(index.get(UID)?.containers.get('app')).toBe(1);
    rmSync(join(root, `default_web_${UID}`), { recursive: true });
    index.refresh();
    expect(index.get(UID)).toBeUndefined();
  });

  it('keeps what it knew when the root cannot be listed', () => {
    logFile(`default_web_${UID}`, 'app', '0.log');
    const index = new PodLogIndex({ root });
    index.refresh();
    rmSync(root, { recursive: true });
    expect(index.refresh()).toEqual([{ kind: 'absent', reader: 'pod_logs', source: root, detail: 'ENOENT' }]);
    expect(index.get(UID)?.pod).toBe('web');
  });

  it('keeps so many pods at most, and says so', () => {
    for (const name of ['a', 'b', 'c']) logFile(`default_${name}_${name.repeat(32)}`, 'x', '0.log');
    const index = new PodLogIndex({ root, maxPods: 2 });
    expect(index.refresh()).toMatchObject([{ kind: 'failed', reader: 'pod_logs', detail: 'more than 2 pods' }]);
    expect(index.size).toBe(2);
  });

  it('keeps so many containers of a pod at most', () => {
    for (const name of ['x', 'y', 'z']) logFile(`default_web_${UID}`, name, '0.log');
    const index = new PodLogIndex({ root, maxContainers: 2 });
    expect(index.refresh()).toEqual([]);
    expect(index.get(UID)?.containers.size).toBe(2);
  });
});
