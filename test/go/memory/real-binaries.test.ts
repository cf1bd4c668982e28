import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveRuntime } from '../../../src/go/memory/resolve.ts';
import { findSourceLines } from '../../../src/go/memory/source-lines.ts';
import type { RuntimeAddresses } from '../../../src/go/memory/types.ts';
import { X86Decoder } from '../../../src/go/memory/x86-length.ts';
import { parseGoVersion } from '../../../src/go/version.ts';
import { strictReadAt } from '../elf-image.ts';
import { fileOffset, finish } from './go-image.ts';

const ENVIRONMENT = {
  ...process.env,
  GOTOOLCHAIN: 'local',
  GOPROXY: 'off',
  GOFLAGS: '-mod=mod',
  CGO_ENABLED: '0',
  GOWORK: 'off',
};
const toolchain = spawnSync('go', ['env', 'GOVERSION'], { env: ENVIRONMENT, encoding: 'utf8' });
const version = toolchain.status === 0 ? parseGoVersion(toolchain.stdout.trim()) : undefined;
const objdump = spawnSync('objdump', ['--version'], { encoding: 'utf8' });

/** Prints where the runtime itself says that some of its code comes from. */
const PROGRAM = `package main

import "runtime"

func main() {
	runtime.MemProfile(nil, true)
	here, _, _, _ := runtime.Caller(0)
	for pc := here - 400000; pc < here; pc += 1301 {
		function, next := runtime.FuncForPC(pc), runtime.FuncForPC(pc+1)
		if function == nil || next == nil || pc+1 == next.Entry() {
			continue
		}
		frame, _ := runtime.CallersFrames([]uintptr{pc + 1}).Next()
		println(uint64(pc), frame.Function, frame.File, frame.Line)
	}
}
`;

/** The linker's flags are written into the file: of the same length, they leave a stripped program's variables where its twin's are. */
const BUILDS: readonly (readonly [name: string, flags: readonly string[], architecture: 'amd64' | 'arm64'])[] = [
  ['default', ['-ldflags=-w -w'], 'amd64'],
  ['stripped', ['-ldflags=-s -w'], 'amd64'],
  ['pie', ['-buildmode=pie'], 'amd64'],
  ['arm64', [], 'arm64'],
];

describe.skipIf(version === undefined || version.minor < 17)('programs built by the go on PATH', () => {
  let folder = '';
  const files = new Map<string, Buffer>();
  const fileOf = (name: string): Buffer => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`${name} was not built`);
    return file;
  };
  const resolve = (file: Buffer): RuntimeAddresses => {
    const { value } = finish(resolveRuntime(strictReadAt(file), file.length, 'program'));
    if (!value.ok) throw new Error(value.miss.detail);
    return value.value;
  };
  const symbolsOf = (name: string): Map<string, number> => {
    const printed = execFileSync('go', ['tool', 'nm', join(folder, name)], {
      env: ENVIRONMENT,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return new Map(
      [...printed.matchAll(/^ *([0-9a-f]+) \w (\S+)$/gm)].map(([, at, symbol]) => [
        symbol ?? '',
        parseInt(at ?? '', 16),
      ]),
    );
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cgopher-runtime-'));
    writeFileSync(join(folder, 'go.mod'), 'module example.com/program\n\ngo 1.17\n');
    writeFileSync(join(folder, 'main.go'), PROGRAM);
    for (const [name, flags, architecture] of BUILDS) {
      execFileSync('go', ['build', '-o', join(folder, name), ...flags, '.'], {
        cwd: folder,
        env: { ...ENVIRONMENT, GOARCH: architecture },
        stdio: 'pipe',
      });
      files.set(name, readFileSync(join(folder, name)));
    }
  }, 600_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['default', 'symbols'],
    ['stripped', 'decoded'],
    ['pie', 'symbols'],
    ['arm64', 'symbols'],
  ])('reads what %s says of itself by %s', (name, method) => {
    const found = resolve(fileOf(name));
    expect(found.goVersion).toEqual(version);
    expect(found.method).toBe(method);
    expect(found.architecture).toBe(name === 'arm64' ? 'arm64' : 'amd64');
    expect(found.relocatable).toBe(name === 'pie');
    expect(found.firstLoad.offset).toBe(0);
    const id = execFileSync('go', ['tool', 'buildid', join(folder, name)], { env: ENVIRONMENT, encoding: 'utf8' });
    expect(found.buildId).toBe(id.trim());
  });

  it.each([
    ['default', 'default'],
    ['stripped', 'default'],
    ['pie', 'pie'],
    ['arm64', 'arm64'],
  ])('finds in the code of %s what the symbols of %s say', (name, twin) => {
    const symbols = symbolsOf(twin);
    const at = (symbol: string): number | undefined => symbols.get(`runtime.${symbol}`);
    const named = { gcController: at('gcController'), memstats: at('memstats'), sched: at('sched') };
    expect(named.gcController).toBeGreaterThan(0);
    const found = resolve(withoutSymbols(fileOf(name)));
    expect(found).toMatchObject({ method: 'decoded', ...named, gcCpuLimiter: at('gcCPULimiter') });
    expect(found.gomaxprocs[0]).toBe(at('gomaxprocs'));
    expect(found.ncpu).toEqual([at('numCPUStartup') ?? at('ncpu')]);
    expect(found.allp[0]).toBe(at('allp'));
    expect(found.allgs[0]).toBe(at('allgs'));
    expect(found.allglen).toContain(at('allglen'));
    expect(found.mbuckets).toContain(at('mbuckets'));
    const work = at('work');
    if (version !== undefined && version.minor >= 21 && work !== undefined) {
      expect(found.cpuStats).toBeGreaterThan(work);
      expect(found.cpuStats).toBeLessThan(work + 4096);
    }
    const bySymbol = resolve(fileOf(twin));
    expect(bySymbol).toMatchObject({ ...named, cpuStats: found.cpuStats, mbuckets: [at('mbuckets')] });
  });

  it.runIf(process.arch === 'x64')('names the lines that the runtime names', () => {
    const printed = spawnSync(join(folder, 'default'), { encoding: 'utf8' }).stderr;
    const expected = [...printed.matchAll(/^(\d+) (\S+) (\S+) (\d+)$/gm)].map(([, pc, name, file, line]) => ({
      pc: Number(pc),
      line: { function: name, file: file === '?' ? '' : file, line: Number(line) },
    }));
    expect(expected.length).toBeGreaterThan(100);
    for (const name of ['default', 'stripped']) {
      const file = fileOf(name);
      const lines = finish(findSourceLines(strictReadAt(file), file.length, resolve(file).goVersion)).value;
      const find = lines?.open(strictReadAt(file));
      for (const { pc, line } of expected) expect({ pc, line: find?.(pc) }).toEqual({ pc, line });
    }
  });

  it.runIf(objdump.status === 0)('measures instructions as objdump does', () => {
    const start = symbolsOf('default').get('runtime.schedinit') ?? 0;
    const stop = start + 128 * 1024;
    const range = [`--start-address=${start}`, `--stop-address=${stop}`];
    const listed = execFileSync('objdump', ['-d', '-w', '--no-show-raw-insn', ...range, join(folder, 'default')], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const lines = [...listed.matchAll(/^ +([0-9a-f]+):\t(.*)$/gm)];
    const file = fileOf('default');
    const code = file.subarray(fileOffset(file, start), fileOffset(file, stop));
    const decoder = new X86Decoder();
    const differing: string[] = [];
    // The last instructions may be cut off.
    lines.slice(0, -4).forEach(([, at, text = ''], index) => {
      const address = parseInt(at ?? '', 16);
      const length = parseInt(lines[index + 1]?.[1] ?? '', 16) - address;
      const measured = decoder.decode(code, address - start, code.length);
      const [, target] = /\(%rip\).*# ([0-9a-f]+)/.exec(text) ?? [];
      const right =
        measured === length &&
        (target === undefined || address + length + decoder.displacement === parseInt(target, 16));
      if (!right && !text.includes('(bad)')) differing.push(`${at}: ${text} (${measured})`);
    });
    expect(lines.length).toBeGreaterThan(20_000);
    expect(differing).toEqual([]);
  });

  it('reads a program that is cut off anywhere without reading outside it', () => {
    const file = fileOf('stripped');
    for (let length = 0; length < file.length; length += Math.ceil(file.length / 40)) {
      const { value } = finish(resolveRuntime(strictReadAt(file.subarray(0, length)), length, 'cut'));
      if (!value.ok) expect(['absent', 'unsupported', 'malformed']).toContain(value.miss.kind);
    }
  });
});

/** The program as strip(1) leaves it, but with everything else where it was: its symbol table is called something else. */
function withoutSymbols(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  const [table, count] = [Number(copy.readBigUInt64LE(40)), copy.readUInt16LE(60)];
  for (let header = table; header < table + 64 * count; header += 64)
    if (copy.readUInt32LE(header + 4) === 2) copy.writeUInt32LE(1, header + 4);
  return copy;
}
