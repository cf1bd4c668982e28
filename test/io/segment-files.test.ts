import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appendMember,
  gzipLines,
  makeEmptyDirectory,
  readWhole,
  regularFiles,
  removeFile,
  replaceFile,
} from '../../src/io/segment-files.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'segments-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Lines, and what ended them. */
async function read(path: string, limits = { maxLineBytes: 1000, maxBytes: 10_000 }) {
  const lines: string[] = [];
  for await (const line of gzipLines(path, limits)) {
    if (!line.ok) return { lines, kind: line.miss.kind, detail: line.miss.detail };
    lines.push(line.value);
  }
  return { lines };
}

describe('gzipLines', () => {
  it('reads what members of text make together', async () => {
    const path = join(directory, 'a.gz');
    expect(await appendMember(path, 'one\ntw')).toMatchObject({ ok: true });
    await appendMember(path, 'o\n\n\u00e4\u{1f600}\n');
    expect(await read(path)).toEqual({ lines: ['one', 'two', '', '\u00e4\u{1f600}'] });
    // An empty file has not even the beginning of a member.
    writeFileSync(path, '');
    expect(await read(path)).toEqual({ lines: [], kind: 'failed', detail: 'cut short' });
  });

  it('gives a line that is larger than a piece of the stream', async () => {
    const path = join(directory, 'a.gz');
    const long = Array.from({ length: 30_000 }, (_, index) => String(index)).join(',');
    await appendMember(path, `${long}\nend\n`);
    expect(await read(path, { maxLineBytes: 1 << 20, maxBytes: 1 << 20 })).toEqual({ lines: [long, 'end'] });
  });

  it.each([
    [
      'a line over the limit',
      gzipSync(`ok\n${'x'.repeat(1001)}\n`),
      { lines: ['ok'], kind: 'failed', detail: 'a line of over 1000 bytes' },
    ],
    [
      'a line without an end',
      gzipSync('x'.repeat(1001)),
      { lines: [], kind: 'failed', detail: 'a line of over 1000 bytes' },
    ],
    ['a bomb', gzipSync('\n'.repeat(1 << 20)), { lines: [], kind: 'failed', detail: 'inflates to over 10000 bytes' }],
    ['text without a line feed', gzipSync('ok\nrest'), { lines: ['ok'], kind: 'failed', detail: 'cut short' }],
    ['no gzip', Buffer.from('hello, this is text'), { lines: [], kind: 'malformed', detail: 'Z_DATA_ERROR' }],
    ['a member cut short', gzipSync('ok\n').subarray(0, 11), { lines: [], kind: 'failed', detail: 'cut short' }],
  ])('ends at %s', async (_name, content, expected) => {
    const path = join(directory, 'a.gz');
    writeFileSync(path, content);
    expect(await read(path)).toEqual(expected);
  });

  it('gives whole members before one that is cut short or wrong', async () => {
    const path = join(directory, 'a.gz');
    await appendMember(path, 'one\n');
    appendFileSync(path, gzipSync('two\n').subarray(0, 12));
    expect(await read(path)).toMatchObject({ lines: ['one'], detail: 'cut short' });
  });

  it('misses a file that is not there', async () => {
    expect(await read(join(directory, 'no'))).toEqual({ lines: [], kind: 'absent', detail: 'ENOENT' });
  });

  it('can be left early', async () => {
    const path = join(directory, 'a.gz');
    await appendMember(path, 'one\ntwo\n');
    for await (const line of gzipLines(path, { maxLineBytes: 10, maxBytes: 100 })) {
      expect(line).toEqual({ ok: true, value: 'one' });
      break;
    }
  });
});

describe('files of a directory', () => {
  it('are listed without links and directories', async () => {
    writeFileSync(join(directory, 'a'), '');
    mkdirSync(join(directory, 'b'));
    symlinkSync('/etc/passwd', join(directory, 'c'));
    expect(await regularFiles(directory)).toEqual({ ok: true, value: ['a'] });
    expect(await regularFiles(join(directory, 'none'))).toMatchObject({ miss: { kind: 'absent' } });
  });

  it('are replaced as a whole, and removed', async () => {
    await replaceFile(directory, 'm', 'one');
    await replaceFile(directory, 'm', 'two');
    expect(readFileSync(join(directory, 'm'), 'utf8')).toBe('two');
    expect(await regularFiles(directory)).toEqual({ ok: true, value: ['m'] });
    expect(await removeFile(join(directory, 'm'))).toMatchObject({ ok: true });
    expect(await removeFile(join(directory, 'm'))).toMatchObject({ miss: { detail: 'ENOENT' } });
    expect(await replaceFile(join(directory, 'no'), 'm', '')).toMatchObject({ miss: { detail: 'ENOENT' } });
  });

  it('are read up to a size', async () => {
    const path = join(directory, 'm');
    writeFileSync(path, '12345');
    expect(await readWhole(path, 5)).toEqual({ ok: true, value: '12345' });
    expect(await readWhole(path, 4)).toMatchObject({ miss: { detail: 'over 4 bytes' } });
  });

  it('begin in a directory with nothing in it', async () => {
    const path = join(directory, 'x', 'y');
    expect(await makeEmptyDirectory(path)).toMatchObject({ ok: true });
    expect(await makeEmptyDirectory(path)).toMatchObject({ ok: true });
    writeFileSync(join(path, 'a'), '');
    expect(await makeEmptyDirectory(path)).toMatchObject({ miss: { detail: 'not empty' } });
  });
});
