import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { found, missed, type Reading } from '../../src/base/reading.ts';
import { NamespaceDoors, type NamespaceDoorsOptions } from '../../src/io/namespace-doors.ts';

/** A way in that the test opens: stands for the child process. */
class FakeEntry {
  readonly asked: { port: number; deadlineMs: number; answer: (reading: Reading<Socket>) => void }[] = [];

  readonly connect: NonNullable<NamespaceDoorsOptions['connect']> = (_pid, _host, port, { deadlineMs }) =>
    new Promise((answer) => {
      this.asked.push({ port, deadlineMs, answer });
    });
}

const told = (reading: Reading<Socket>): string => (reading.ok ? 'connected' : reading.miss.detail);
const at = (port: number) => ({ pid: 7, namespace: 'net:[5]', host: '127.0.0.1', port });
const ticks = async (): Promise<void> => {
  for (let count = 0; count < 10; count += 1) await Promise.resolve();
};

function doors(more: Partial<NamespaceDoorsOptions> = {}) {
  const entry = new FakeEntry();
  const clock = { ms: 1000 };
  const all = new NamespaceDoors({ procRoot: '/proc', now: () => clock.ms, connect: entry.connect, ...more });
  return { entry, clock, all };
}

describe('NamespaceDoors', () => {
  it('names an address with its namespace', () => {
    expect(doors().all.connector(at(6060)).key).toBe('net:[5] 127.0.0.1:6060');
  });

  it('enters one at a time, and the deadline counts while waiting', async () => {
    const { entry, clock, all } = doors();
    const first = all.connector(at(1)).connect(5000);
    const second = all.connector(at(2)).connect(5000);
    const third = all.connector(at(3)).connect(100);
    await ticks();
    expect(entry.asked.map(({ port, deadlineMs }) => [port, deadlineMs])).toEqual([[1, 5000]]);
    clock.ms += 200;
    entry.asked[0]?.answer(found(new Socket()));
    expect(told(await first)).toBe('connected');
    await ticks();
    expect(entry.asked.map(({ port, deadlineMs }) => [port, deadlineMs])).toEqual([
      [1, 5000],
      [2, 4800],
    ]);
    entry.asked[1]?.answer(missed('failed', 'namespace', '', 'ECONNREFUSED'));
    expect(told(await second)).toBe('ECONNREFUSED');
    expect(told(await third)).toBe('its turn did not come within the deadline');
    expect(entry.asked).toHaveLength(2);
  });

  it('enters the same address once in a while only, whatever came of it', async () => {
    const { entry, clock, all } = doors({ againAfterMs: 10_000 });
    const door = all.connector(at(1));
    const first = door.connect(5000);
    await ticks();
    entry.asked[0]?.answer(missed('failed', 'namespace', '', 'ECONNREFUSED'));
    await first;
    clock.ms += 4000;
    expect(told(await door.connect(5000))).toBe('no connection any more; the namespace is entered again in 6 s');
    clock.ms += 6000;
    const again = door.connect(5000);
    await ticks();
    entry.asked[1]?.answer(found(new Socket()));
    expect(told(await again)).toBe('connected');
  });

  it('turns away those who would wait behind too many', async () => {
    const { entry, all } = doors({ maxWaiting: 2 });
    const waiting = [all.connector(at(1)).connect(50), all.connector(at(2)).connect(50)];
    expect(told(await all.connector(at(3)).connect(50))).toBe('too many wait for the child that enters namespaces');
    await ticks();
    entry.asked[0]?.answer(found(new Socket()));
    await ticks();
    entry.asked[1]?.answer(found(new Socket()));
    expect((await Promise.all(waiting)).map(told)).toEqual(['connected', 'connected']);
  });

  it('does not try again where nsenter is not installed', async () => {
    const { entry, all } = doors();
    const first = all.connector(at(1)).connect(5000);
    await ticks();
    entry.asked[0]?.answer(missed('unsupported', 'namespace', '', 'nsenter is not installed'));
    await first;
    expect(told(await all.connector(at(2)).connect(5000))).toBe('nsenter is not installed');
    expect(entry.asked).toHaveLength(1);
  });
});
