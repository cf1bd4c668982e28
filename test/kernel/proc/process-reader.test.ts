import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { found } from '../../../src/base/reading.ts';
import { FileReader } from '../../../src/io/file-reader.ts';
import { ProcessReader } from '../../../src/kernel/proc/process-reader.ts';

const RECORDING = new URL('../../../fixtures-cgroupfs/proc-recording', import.meta.url).pathname;
const TCP = '  sl  local_address rem_address   st\n';
const LISTENER = '   0: 0100007F:17AC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1\n';
const STAT_TAIL = 'S 1 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0';

let root = '';
let files: FileReader;
let processes: ProcessReader;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgopher-proc-'));
  files = new FileReader({ maxBytes: 65_536, maxKept: 0 });
  processes = new ProcessReader({ procRoot: root, files });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  const target = join(root, path);
  mkdirSync(join(target, '..'), { recursive: true });
  writeFileSync(target, text);
}

function link(path: string, target: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  symlinkSync(target, join(root, path));
}

describe('a recorded process', () => {
  it('is read whole', () => {
    const recorded = new ProcessReader({ procRoot: RECORDING, files });
    expect(recorded.stat(242)).toMatchObject({ ok: true, value: { comm: 'prometheus', startTimeTicks: 624 } });
    expect(recorded.status(242)).toMatchObject({ ok: true, value: { threads: 8 } });
    expect(recorded.limits(242)).toMatchObject({ ok: true, value: { openFiles: { soft: 4096 } } });
    expect(recorded.cgroup(242)).toMatchObject({ ok: true, value: { deleted: false } });
    expect(recorded.mountinfo(242)).toMatchObject({ ok: true, value: { length: 18 } });
    expect(recorded.listenSockets(242)).toMatchObject({ ok: true, value: [{ port: 9090 }, { port: 9093 }] });
    expect(recorded.listenSockets(275)).toEqual({ ok: true, value: [] });
  });
});

describe('misses', () => {
  it('a process that is not there is absent, under the reader’s name and with the path', () => {
    const source = `${root}/9/stat`;
    expect(processes.stat(9)).toEqual({
      ok: false,
      miss: { kind: 'absent', reader: 'proc.stat', source, detail: 'ENOENT' },
    });
    expect(processes.goEnvironment(9)).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.environ' } });
    expect(processes.socketInodes(9)).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.fd' } });
    expect(processes.networkNamespace(9)).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.ns' } });
    expect(processes.exePath(9)).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.exe' } });
  });

  it('a file of another form is malformed', () => {
    write('9/status', 'nonsense');
    expect(processes.status(9)).toMatchObject({ ok: false, miss: { kind: 'malformed', reader: 'proc.status' } });
  });
});

describe('goEnvironment', () => {
  it('gives the Go variables and leaves no environment in the shared buffer', () => {
    write('9/environ', 'SECRET=hunter2\0GOGC=50\0');
    expect(processes.goEnvironment(9)).toMatchObject({ ok: true, value: { GOGC: '50', GOMEMLIMIT: undefined } });
    expect(files.bytes.includes('hunter2')).toBe(false);
    expect(files.bytes.includes('GOGC')).toBe(false);
  });

  it('leaves nothing of an environment that was too long to read', () => {
    write('9/environ', `SECRET=hunter2\0${'x'.repeat(70_000)}`);
    expect(processes.goEnvironment(9)).toMatchObject({ ok: false, miss: { kind: 'failed' } });
    expect(files.bytes.includes('hunter2')).toBe(false);
  });
});

describe('sockets and addresses', () => {
  it('a kernel without IPv6 has no tcp6, which is no miss', () => {
    write('9/net/tcp', TCP + LISTENER);
    expect(processes.listenSockets(9)).toEqual({
      ok: true,
      value: [{ address: '127.0.0.1', port: 6060, family: 4, inode: 77 }],
    });
  });

  it('a tcp6 that cannot be read is a miss: most Go listeners are there', () => {
    write('9/net/tcp', TCP + LISTENER);
    write('9/net/tcp6', 'nonsense');
    expect(processes.listenSockets(9)).toMatchObject({ ok: false, miss: { kind: 'malformed', reader: 'proc.net' } });
  });

  it('does not look for listeners where net/sockstat counts no socket', () => {
    write('9/net/sockstat', 'TCP: inuse 0 orphan 0 tw 3 alloc 0 mem 0\n');
    write('9/net/tcp', TCP + LISTENER);
    write('9/net/sockstat6', 'TCP6: inuse 1\n');
    write('9/net/tcp6', TCP + LISTENER.replace(' 77 ', ' 78 '));
    expect(processes.listenSockets(9)).toMatchObject({ ok: true, value: [{ inode: 78 }] });
    write('9/net/sockstat6', 'TCP6: inuse 0\n');
    expect(processes.listenSockets(9)).toEqual(found([]));
  });

  it('does not believe that there is no IPv6 socket where the kernel has Multipath TCP', () => {
    write('sys/net/mptcp/enabled', '1\n');
    write('9/net/sockstat', 'TCP: inuse 0 orphan 0 tw 3 alloc 0 mem 0\n');
    write('9/net/sockstat6', 'TCP6: inuse 0\n');
    write('9/net/tcp', TCP + LISTENER);
    write('9/net/tcp6', TCP + LISTENER.replace(' 77 ', ' 78 '));
    expect(processes.listenSockets(9)).toMatchObject({ ok: true, value: [{ inode: 78 }] });
  });

  it('reads a table longer than the buffer as far as its listeners go', () => {
    const others = LISTENER.replace(' 0A ', ' 01 ').repeat(1000);
    write('9/net/tcp', TCP + LISTENER + others);
    expect(others.length).toBeGreaterThan(65_536);
    expect(processes.listenSockets(9)).toMatchObject({ ok: true, value: [{ inode: 77 }] });
    write('9/net/tcp', TCP + LISTENER.repeat(1000));
    expect(processes.listenSockets(9)).toMatchObject({ ok: false, miss: { kind: 'failed', reader: 'proc.net' } });
  });

  it('reads named unix sockets', () => {
    write('9/net/unix', 'Num       RefCount\n00000000ab638b66: 00000002 00000000 00010000 0001 01   342 /run/a.sock\n');
    expect(processes.unixListenSockets(9)).toEqual(found([{ path: '/run/a.sock', inode: 342 }]));
    expect(processes.unixListenSockets(10)).toMatchObject({ ok: false, miss: { kind: 'absent' } });
  });

  it('joins both families of addresses', () => {
    write('9/net/fib_trie', 'Local:\n  |-- 10.244.1.17\n     /32 host LOCAL\n');
    write('9/net/if_inet6', 'fd000000000000000000000000000002 04 40 00 82     eth0\n');
    expect(processes.localAddresses(9)).toEqual({ ok: true, value: ['10.244.1.17', 'fd00::2'] });
  });

  it('finds the sockets among the descriptors', () => {
    link('9/fd/0', '/dev/null');
    link('9/fd/3', 'socket:[342]');
    link('9/fd/7', 'socket:[11255]');
    link('9/fd/8', 'pipe:[5]');
    expect(processes.socketInodes(9)).toEqual({ ok: true, value: new Set([342, 11255]) });
  });
});

describe('links', () => {
  it('names the network namespace and the executable', () => {
    link('9/ns/net', 'net:[4026531840]');
    link('9/exe', '/usr/bin/app (deleted)');
    link('10/exe', '/usr/bin/app');
    expect(processes.networkNamespace(9)).toEqual(found('net:[4026531840]'));
    expect(processes.exePath(9)).toEqual(found('/usr/bin/app'));
    expect(processes.exePath(10)).toEqual(found('/usr/bin/app'));
  });
});

describe('guarded', () => {
  beforeEach(() => {
    write('9/stat', `9 (app) ${STAT_TAIL} 500 0 1 0\n`);
  });

  it('passes on what was read of the same process', () => {
    expect(processes.guarded(9, 500, () => found('data'))).toEqual(found('data'));
  });

  it('gives up what was read when another process has the number now', () => {
    const reading = processes.guarded(9, 500, () => {
      write('9/stat', `9 (other) ${STAT_TAIL} 900 0 1 0\n`);
      return found('data');
    });
    expect(reading).toMatchObject({
      ok: false,
      miss: { kind: 'absent', detail: 'process was replaced while it was read' },
    });
  });

  it('gives up what was read when the process has gone', () => {
    const reading = processes.guarded(9, 500, () => {
      rmSync(join(root, '9'), { recursive: true });
      return found('data');
    });
    expect(reading).toMatchObject({ ok: false, miss: { kind: 'absent', reader: 'proc.stat' } });
  });

  it('passes on a miss as it is', () => {
    expect(processes.guarded(9, 500, () => processes.status(9))).toMatchObject({
      ok: false,
      miss: { reader: 'proc.status' },
    });
  });
});
