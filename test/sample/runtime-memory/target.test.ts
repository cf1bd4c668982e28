import { beforeEach, describe, expect, it } from 'vitest';
import { runAtOnce } from '../../../src/agent/slices.ts';
import { found, missed, type Reading } from '../../../src/base/reading.ts';
import type { RuntimeAddresses } from '../../../src/go/memory/types.ts';
import { AddressBook } from '../../../src/sample/runtime-memory/address-book.ts';
import type { AttachedRuntime } from '../../../src/sample/runtime-memory/attached-runtime.ts';
import { MemoryTarget } from '../../../src/sample/runtime-memory/target.ts';
import { addressesOf, FakeRuntime, snapshot } from './fake-runtime.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let nowMs = 0;
let runtime: FakeRuntime;
let permission: Reading<true>;
let attachment: () => Reading<AttachedRuntime>;
let resolution: Reading<RuntimeAddresses>;
let resolutions = 0;
let book: AddressBook;
let target: MemoryTarget;

beforeEach(() => {
  nowMs = 0;
  runtime = new FakeRuntime();
  permission = found(true);
  attachment = () => found(runtime);
  resolution = found(addressesOf('go1.26.4'));
  resolutions = 0;
  book = new AddressBook({
    resolve: () => {
      resolutions += 1;
      return Promise.resolve(resolution);
    },
  });
  target = targetOf({ executable: 'f', buildId: undefined });
});

function targetOf(name: { executable: string; buildId: string | undefined }): MemoryTarget {
  const access = { permitted: () => permission, attach: () => attachment() };
  const clock = { now: () => ({ wallMs: nowMs, monotonicMs: nowMs }) };
  return new MemoryTarget({ pid: 7, exe: '/proc/7/exe', name }, access, book, clock, { goroutineEveryMs: 5 * MINUTE });
}

/** One cycle, `later` after the one before. */
async function cycle(later = 15 * SECOND) {
  nowMs += later;
  runAtOnce(target.step());
  await book.settled();
  return target.sample;
}

const refusal = (kind: 'denied' | 'unsupported' | 'absent' | 'failed', detail: string) =>
  missed(kind, 'runtime_memory', '/proc/7/mem', detail);

describe('MemoryTarget', () => {
  it('searches the executable, attaches, and then reads in every cycle', async () => {
    expect(target.sample.state).toBe('pending');
    expect(await cycle()).toMatchObject({ state: 'pending', snapshot: undefined });
    runtime.reading = found(snapshot({ goroutines: 5 }));
    expect(await cycle()).toMatchObject({
      state: 'attested',
      detail: 'layout 1.26',
      snapshot: { at: { monotonicMs: 30 * SECOND }, value: { goroutines: 5 } },
    });
  });

  it('searches no executable of a process whose memory may not be read', async () => {
    permission = refusal('denied', 'EACCES');
    expect(await cycle()).toMatchObject({ state: 'denied', detail: 'EACCES', snapshot: undefined });
    expect(resolutions).toBe(0);
    // Tried again after five minutes, not before.
    permission = found(true);
    expect((await cycle(4 * MINUTE)).state).toBe('denied');
    await cycle(MINUTE);
    expect(resolutions).toBe(1);
  });

  it.each([
    ['an executable that cannot be resolved', () => (resolution = refusal('unsupported', 'no'))],
    ['a layout that did not prove itself', () => (attachment = () => refusal('unsupported', 'no'))],
  ])('says unsupported of %s, and gives no values', async (_, arrange) => {
    arrange();
    await cycle();
    expect(await cycle()).toMatchObject({ state: 'unsupported', detail: 'no', snapshot: undefined });
  });

  it('tries the file itself when what was found by build ID did not prove itself', async () => {
    target = targetOf({ executable: 'f', buildId: 'id' });
    attachment = () => (resolutions === 1 ? refusal('unsupported', 'forged') : found(runtime));
    await cycle();
    expect((await cycle()).state).toBe('unsupported');
    expect((await cycle()).state).toBe('pending');
    expect((await cycle()).state).toBe('attested');
    expect(resolutions).toBe(2);
  });

  it('starts over when the process has gone or runs another program, and keeps nothing of it', async () => {
    await cycle();
    await cycle();
    runtime.reading = refusal('absent', 'the process has gone');
    const sample = await cycle();
    expect(sample).toMatchObject({ state: 'pending', snapshot: undefined, sites: undefined, baseline: undefined });
    expect(runtime.closed).toBe(true);
    runtime.reading = found(snapshot());
    expect((await cycle()).state).toBe('attested');
  });

  it('proves the layout again every minute, and drops it when it fails', async () => {
    await cycle();
    await cycle();
    for (let count = 0; count < 3; count++) await cycle();
    expect(runtime.attests).toBe(0);
    await cycle();
    expect(runtime.attests).toBe(1);
    runtime.proof = refusal('unsupported', 'pause ring');
    expect(await cycle(MINUTE)).toMatchObject({ state: 'unsupported', detail: 'pause ring', snapshot: undefined });
  });

  it('keeps a snapshot of a minute ago once it knows the process that long', async () => {
    await cycle();
    const ages = [];
    for (let count = 0; count < 7; count++) {
      const { snapshot: last, baseline } = await cycle();
      ages.push(baseline === undefined ? undefined : (last!.at.monotonicMs - baseline.at.monotonicMs) / SECOND);
    }
    expect(ages).toEqual([undefined, 15, 30, 45, 60, 60, 60]);
  });

  it('counts goroutines every five minutes, and four times as soon when there are many more', async () => {
    runtime.reading = found(snapshot({ goroutines: 1000 }));
    runtime.goroutineCount = 1000;
    await cycle();
    await cycle();
    expect(runtime.censuses).toBe(1);
    for (let count = 0; count < 19; count++) await cycle();
    expect(runtime.censuses).toBe(1);
    await cycle();
    expect(runtime.censuses).toBe(2);
    // 1200 is no more than 20 % above; 1201 is.
    runtime.reading = found(snapshot({ goroutines: 1200 }));
    await cycle(75 * SECOND);
    expect(runtime.censuses).toBe(2);
    runtime.reading = found(snapshot({ goroutines: 1201 }));
    await cycle();
    expect(runtime.censuses).toBe(3);
  });

  it('pairs anonymous memory only with what the runtime managed in the same cycle', async () => {
    await cycle();
    runtime.reading = found(snapshot({ mappedReady: 100 }));
    await cycle();
    target.pairWith(undefined);
    expect(target.sample.together).toBeUndefined();
    target.pairWith(130);
    expect(target.sample.together).toEqual({ workloadAnon: 130, managed: 100 });
    runtime.reading = found(snapshot({ mappedReady: 200 }));
    await cycle();
    target.pairWith(undefined);
    expect(target.sample.together).toEqual({ workloadAnon: 130, managed: 100 });
  });
});
