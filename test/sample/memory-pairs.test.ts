import { afterEach, beforeEach, expect, it } from 'vitest';
import { found } from '../../src/base/reading.ts';
import { addressesOf, FakeRuntime, snapshot } from './runtime-memory/fake-runtime.ts';
import { ID_A, POD_A, SmallNode, scope } from './small-node.ts';
import { taking } from './take.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
  node.cgroup(POD_A);
  node.container(ID_A, 101);
  node.write(`cgroup${scope(ID_A)}/memory.stat`, 'anon 9000\nfile 1\n');
});
afterEach(() => {
  node.close();
});

it('sets what a runtime manages against memory.stat of the same cycle, the first time without waiting for its turn', async () => {
  const runtime = new FakeRuntime();
  const { sampler, take } = taking(node.paths, {
    slowEvery: 1000,
    rareEvery: 1000,
    memory: {
      resolver: { resolve: () => Promise.resolve(found(addressesOf('go1.26.4'))) },
      access: { permitted: () => found(true), attach: () => found(runtime) },
      plan: { goroutineEveryMs: 60_000 },
    },
  });
  const memory = () => take().go.get(101)!.memory;
  expect(memory().state).toBe('pending');
  await sampler.settled();
  runtime.reading = found(snapshot({ mappedReady: 5000 }));
  // Attached between two readings of memory.stat: the old figure is no partner for the new one.
  expect(memory()).toMatchObject({ state: 'attested', together: undefined });
  expect(memory().together).toEqual({ workloadAnon: 9000, managed: 5000 });
  sampler.close();
  expect(runtime.closed).toBe(true);
});
