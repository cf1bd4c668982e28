import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLines } from '../../src/io/csv-lines.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lines-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const LIMITS = { maxBytes: 1_000_000, maxLines: 1000, maxLineLength: 20 };

async function lines(content: string | Uint8Array, limits = LIMITS) {
  const path = join(directory, 'file');
  writeFileSync(path, content);
  const taken: [number, string | undefined][] = [];
  const result = await readLines(path, limits, (number, text) => {
    taken.push([number, text]);
  });
  return { taken, result };
}

describe('readLines', () => {
  it('gives numbered lines, without line ends of either kind', async () => {
    const { taken, result } = await lines('a\r\nbb\n\nlast');
    expect(taken).toEqual([
      [1, 'a'],
      [2, 'bb'],
      [3, ''],
      [4, 'last'],
    ]);
    expect(result).toEqual({ ok: true, value: 4 });
  });

  it('gives nothing for an empty file', async () => {
    expect(await lines('')).toEqual({ taken: [], result: { ok: true, value: 0 } });
  });

  it('joins a line and a character that lie across two chunks of 256 KiB', async () => {
    // The second line begins 3 bytes before the border, and the two bytes of the umlaut lie on both sides of it.
    const first = 'x'.repeat(256 * 1024 - 4);
    const { taken } = await lines(`${first}\nabü-\n`, { ...LIMITS, maxLineLength: 300_000 });
    expect(taken).toEqual([
      [1, first],
      [2, 'abü-'],
    ]);
  });

  it('does not keep a line that is too long, and goes on after it', async () => {
    const { taken } = await lines(`${'x'.repeat(21)}\n${'y'.repeat(20)}\n${'z'.repeat(600_000)}\nend\n`);
    expect(taken).toEqual([
      [1, undefined],
      [2, 'y'.repeat(20)],
      [3, undefined],
      [4, 'end'],
    ]);
  });

  it('ends at its limits with a miss', async () => {
    expect((await lines('a\nb\nc\n', { ...LIMITS, maxLines: 2 })).result).toMatchObject({
      ok: false,
      miss: { kind: 'failed', detail: 'over 2 lines' },
    });
    expect((await lines('x'.repeat(11), { ...LIMITS, maxBytes: 10 })).result).toMatchObject({
      ok: false,
      miss: { kind: 'failed', detail: 'over 10 bytes' },
    });
  });

  it('misses a file that is not there, and passes on what the taker throws', async () => {
    expect(await readLines(join(directory, 'nothing'), LIMITS, () => undefined)).toMatchObject({
      ok: false,
      miss: { kind: 'absent', detail: 'ENOENT' },
    });
    writeFileSync(join(directory, 'one'), 'a\n');
    const stop = readLines(join(directory, 'one'), LIMITS, () => {
      throw new Error('enough');
    });
    await expect(stop).rejects.toThrow('enough');
  });
});
