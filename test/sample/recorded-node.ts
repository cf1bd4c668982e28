import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { found, missed, type Reading } from '../../src/base/reading.ts';
import { writeElf } from '../../src/demo/elf-writer.ts';
import { type HttpBody, HttpClient, type HttpGet } from '../../src/io/http-client.ts';
import { functionTable } from '../go/go-blobs.ts';

const RECORDING = fileURLToPath(new URL('../../fixtures-cgroupfs/guest-6.1', import.meta.url));

type Links = Readonly<Record<string, string>>;

interface Snapshot {
  readonly instants: { readonly a: number; readonly b: number };
  readonly workloads: readonly {
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
    readonly cgroup: string;
    readonly url: string;
  }[];
  readonly links: { readonly a: Links; readonly b: Links };
  readonly logs: { readonly a: readonly string[]; readonly b: readonly string[] };
  readonly gone: readonly string[];
}

/** Answers as the recorded programs did; nothing leaves this process. */
class RecordedAnswers extends HttpClient {
  readonly #answer: (host: string, port: number, path: string) => Buffer | undefined;

  constructor(answer: (host: string, port: number, path: string) => Buffer | undefined) {
    super();
    this.#answer = answer;
  }

  override get({ host, port, path, reader }: HttpGet): Promise<Reading<HttpBody>> {
    const body = this.#answer(host, port, path);
    return Promise.resolve(
      body === undefined
        ? missed('absent', reader, `${host}:${port}${path}`, 'not recorded')
        : found({ status: 200, contentType: undefined, body, latencyMs: 1, headers: {} }),
    );
  }
}

/** The recording as the node it was made on: first as it was at the instant `a`, after {@link advance} as at `b`. */
export class RecordedNode {
  readonly snapshot = JSON.parse(readFileSync(join(RECORDING, 'SNAPSHOT.json'), 'utf8')) as Snapshot;
  readonly #directory = realpathSync(mkdtempSync(join(tmpdir(), 'recorded-node-')));
  readonly paths = {
    cgroupfs: join(this.#directory, 'cgroup'),
    procfs: join(this.#directory, 'proc'),
    sysfs: join(this.#directory, 'sys'),
    podlogs: join(this.#directory, 'pods'),
  };
  /** Milliseconds of the recording's own clock. */
  nowMs = this.snapshot.instants.a;
  readonly clock = { now: () => ({ wallMs: this.nowMs, monotonicMs: this.nowMs - this.snapshot.instants.a + 60_000 }) };
  readonly client: HttpClient = new RecordedAnswers((host, port, path) => this.#answer(host, port, path));

  constructor() {
    cpSync(join(RECORDING, 'a'), this.#directory, { recursive: true });
    for (const name of readdirSync(join(this.#directory, 'images'))) this.#executable(name);
    this.#link(this.snapshot.links.a);
    this.#log(this.snapshot.logs.a);
  }

  /** Gives the files the content they had at `b`, in place: the same inodes, as with kernel files. */
  advance(): void {
    const { instants, links, logs, gone } = this.snapshot;
    this.nowMs = instants.b;
    const changed = join(RECORDING, 'b');
    for (const entry of readdirSync(changed, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const from = join(entry.parentPath, entry.name);
      const to = join(this.#directory, from.slice(changed.length));
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, readFileSync(from));
    }
    for (const name of gone)
      rmSync(join(this.#directory, name.endsWith('/stat') ? dirname(name) : name), { recursive: true, force: true });
    this.#link(links.b);
    this.#log(logs.b);
  }

  /** A file of the recording as it is now, relative to the cgroup of a pod's container (or of the pod: `../cpu.max`). */
  control(namespace: string, pod: string, name: string): string {
    return readFileSync(join(this.paths.cgroupfs, this.workload(namespace, pod).cgroup, name), 'utf8');
  }

  workload(namespace: string, pod: string): Snapshot['workloads'][number] {
    return this.snapshot.workloads.find((one) => one.namespace === namespace && one.pod === pod)!;
  }

  close(): void {
    this.client.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Recorded is the build information alone; sections and function names that make it a program are put around it. */
  #executable(name: string): void {
    const path = join(this.#directory, 'images', name);
    const info = readFileSync(path);
    const code = { name: '.text', bytes: new Uint8Array(64), writable: false };
    const names = { name: '.gopclntab', bytes: functionTable(['net/http/pprof.Index']), writable: false };
    const build = { name: '.go.buildinfo', bytes: info, writable: true };
    writeFileSync(path, writeElf(info.length === 0 ? [code] : [code, names, build]));
  }

  #link(links: Links): void {
    for (const [name, target] of Object.entries(links)) {
      const path = join(this.#directory, name);
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      symlinkSync(name.endsWith('/exe') ? join(this.#directory, 'images', basename(target)) : target, path);
    }
  }

  /** The logs themselves are not recorded: only their names are read. */
  #log(names: readonly string[]): void {
    for (const name of names) {
      mkdirSync(dirname(join(this.paths.podlogs, name)), { recursive: true });
      writeFileSync(join(this.paths.podlogs, name), '');
    }
  }

  #answer(host: string, port: number, path: string): Buffer | undefined {
    const file = { '/debug/pprof/': 'pprof-index.html', '/metrics': 'metrics' }[path];
    const asked = this.snapshot.workloads.find(({ url }) => url === `http://${host}:${port}`);
    if (file === undefined || asked === undefined) return undefined;
    const pid = this.control(asked.namespace, asked.pod, 'cgroup.procs').trim();
    return readFileSync(join(this.#directory, 'endpoints', pid, file));
  }
}
