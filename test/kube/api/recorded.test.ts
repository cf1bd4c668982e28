import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { found } from '../../../src/base/reading.ts';
import { pause } from '../../../src/io/pause.ts';
import { ApiPods } from '../../../src/kube/api/api-pods.ts';

/** What kube-apiserver 1.35.4 answered to test/kube/real-apiserver.mjs, in order: a list, a watch, a watch that ends in 410, a list. */
const recorded = JSON.parse(
  readFileSync(new URL('../recorded/kubernetes-1.35.json', import.meta.url), 'utf8'),
) as readonly { readonly path: string; readonly body: string }[];

test('the answers of a real API server, replayed in odd pieces, end in what it had', async () => {
  const asked: string[] = [];
  // A fake of the connection: recorded bodies in place of a server, then silence.
  const source = new ApiPods({
    clock: systemClock,
    random: () => 0,
    pause: (_, signal) => pause(0, signal),
    stream: async (get, taker, signal) => {
      const body = Buffer.from(recorded[asked.length]?.body ?? '');
      asked.push(get.path);
      taker.onOpen?.();
      for (let at = 0; at < body.length; at += 777) taker.take(body.subarray(at, at + 777));
      if (body.length === 0) await pause(60_000, signal);
      return { how: 'ended' };
    },
    server: { credentials: () => found({ host: '', port: 1, ca: undefined, insecureSkipVerify: false, token: 'x' }) },
    nodeName: 'node-1',
    startJitterMs: 0,
  });
  await vi.waitFor(() => {
    expect(asked).toHaveLength(recorded.length + 1);
  }, 10_000);
  const pods = [...source.sample().pods.values()];
  source.close();
  expect(source.misses()).toEqual([]);
  // `a` was deleted, `c` was made, `b` was resized to 200 MiB.
  expect(pods.map(({ name }) => name).sort()).toEqual(['b', 'c']);
  expect(pods.find(({ name }) => name === 'b')?.containers[0]?.resources.limits.memory).toBe('200Mi');
  expect(pods.find(({ name }) => name === 'c')?.annotations).toEqual({ 'cgopher.dev/ignore': 'CpuThrottled' });
  expect(JSON.stringify(pods)).not.toContain('not-kept');
  // The first watch goes on from the list, the second from the bookmark; after 410 comes a list.
  const versions = asked.map((path) => new URLSearchParams(path.split('?')[1]).get('resourceVersion'));
  expect(versions).toEqual(['0', '202', '207', '0', '213']);
});
