import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_MEMORY_READ, openProcessMemory, type ProcessMemory } from '../../src/io/process-memory.ts';

const children: ChildProcessWithoutNullStreams[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function opened(pid: number | string): ProcessMemory {
  const reading = openProcessMemory(`/proc/${pid}/mem`);
  if (!reading.ok) throw new Error(reading.miss.detail);
  return reading.value;
}

/** Start and length of the first mapping of a process's executable. */
function image(pid: number | string): { start: number; length: number } {
  const line = readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .find((text) => / 00000000 .* \//.test(text))!;
  const [start, end] = line.split(' ')[0]!.split('-');
  return { start: Number.parseInt(start!, 16), length: Number.parseInt(end!, 16) - Number.parseInt(start!, 16) };
}

/** A shell that has started, and becomes `sleep` or ends on a word. */
async function shell(): Promise<ChildProcessWithoutNullStreams & { readonly pid: number }> {
  const script = 'echo ready; read word; if [ "$word" = exec ]; then exec sleep 600; fi';
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'pipe' });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcessWithoutNullStreams & { readonly pid: number };
}

describe.skipIf(platform() !== 'linux')('openProcessMemory', () => {
  const ELF = Buffer.from('\u007fELF', 'latin1');

  it('reads what is mapped, into a fresh buffer or a given one', () => {
    const memory = opened('self');
    const { start } = image('self');
    expect(memory.read(start, 4)).toEqual(ELF);
    const target = Buffer.alloc(8, 0xee);
    expect(memory.readInto(target, start, 4)).toBe(true);
    expect(target).toEqual(Buffer.concat([ELF, Buffer.alloc(4, 0xee)]));
    expect(memory.gone).toBe(false);
    memory.close();
  });

  it('refuses what is not mapped, not wholly mapped, or out of bounds', async () => {
    const child = await shell();
    const memory = opened(child.pid);
    const { start } = image(child.pid);
    const { length } = image(child.pid);
    expect(memory.read(start + length - 4, 4)).toHaveLength(4);
    // The page before the first mapping of an executable is never mapped.
    expect(memory.read(start - 4096, 4)).toBeUndefined();
    for (const address of [0, 4095, -1, 0.5, Number.NaN, 2 ** 47, 2 ** 47 - 2, 2 ** 60, Number.POSITIVE_INFINITY])
      expect(memory.read(address, 4)).toBeUndefined();
    for (const size of [0, -1, 0.5, Number.NaN, MAX_MEMORY_READ + 1, 2 ** 40])
      expect(memory.read(start, size)).toBeUndefined();
    expect(memory.readInto(Buffer.alloc(3), start, 4)).toBe(false);
    expect(memory.gone).toBe(false);
    memory.close();
  });

  it('says absent for no process, and reads nothing once closed', () => {
    const reading = openProcessMemory('/proc/4194305/mem');
    expect(reading.ok ? undefined : reading.miss).toMatchObject({ kind: 'absent', reader: 'process_memory' });
    const memory = opened('self');
    memory.close();
    memory.close();
    expect(memory.read(image('self').start, 4)).toBeUndefined();
  });

  it('is gone when the process ends', async () => {
    const child = await shell();
    const memory = opened(child.pid);
    const { start } = image(child.pid);
    expect(memory.read(start, 4)).toEqual(ELF);
    const ended = once(child, 'exit');
    child.stdin.write('end\n');
    await ended;
    expect(memory.read(start, 4)).toBeUndefined();
    expect(memory.gone).toBe(true);
    memory.close();
  });

  it('is gone when the process becomes another program', async () => {
    const child = await shell();
    const memory = opened(child.pid);
    const { start } = image(child.pid);
    child.stdin.write('exec\n');
    await expect.poll(() => memory.read(start, 4) === undefined, { timeout: 10_000 }).toBe(true);
    expect(memory.gone).toBe(true);
    // The same PID has a memory of its own now.
    const next = opened(child.pid);
    expect(next.read(image(child.pid).start, 4)).toEqual(ELF);
    next.close();
    memory.close();
  });
});
