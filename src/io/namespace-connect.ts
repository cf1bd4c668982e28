import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { isIP, Socket } from 'node:net';
import { found, type MissKind, missed, type Reading } from '../base/reading.ts';
import { errorCode, missKindOf } from './errno.ts';

/** How to enter. */
export interface NamespaceConnectOptions {
  /** For everything: starting the child, entering, connecting, handing over. The child does not outlive it. */
  readonly deadlineMs: number;
  /** `net:[4026531840]`: nothing is entered when the process is in another one by now. */
  readonly namespace?: string | undefined;
  /** Default `/proc`. */
  readonly procRoot?: string | undefined;
  /** The program that enters, from util-linux or busybox. Default `nsenter`, looked for in the usual directories. */
  readonly nsenter?: string | undefined;
  /** Ends the child and the call. */
  readonly signal?: AbortSignal | undefined;
}

const READER = 'namespace';
/** The child is given no environment but this: nsenter is looked for in it. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NAMESPACE_FD = 4;
const MAX_STDERR_BYTES = 1024;

/* Runs inside the namespace. Nothing is read from the socket there, so that nothing is lost on its way. */
const PROGRAM = `
const [host, port, deadlineMs] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
socket.pause();
process.on('disconnect', () => process.exit());
setTimeout(() => process.exit(), Number(deadlineMs));
socket.once('connect', () => process.send('connected', socket));
socket.once('error', (error) => process.send({ code: error.code }));
`;

/**
 * Connects to an address of the network namespace of process `pid`. A socket stays in the namespace it was made in, and a thread of
 * Node cannot change its own: so a child enters (setns(2), by nsenter), connects, hands the connected socket over, and has ended when
 * this resolves. No shell. Needs CAP_SYS_ADMIN to enter and CAP_SYS_PTRACE to open the namespace: `denied` without. `unsupported`
 * where nsenter is not installed. Never rejects.
 */
export async function connectInNamespace(
  pid: number,
  host: string,
  port: number,
  options: NamespaceConnectOptions,
): Promise<Reading<Socket>> {
  const source = `${options.procRoot ?? '/proc'}/${pid}/ns/net`;
  const miss = (kind: MissKind, detail: string): Reading<never> => missed(kind, READER, source, detail);
  if (isIP(host) === 0) return miss('failed', 'the host is not an IP address');
  if (options.signal?.aborted === true) return miss('failed', 'closed');
  let fd: number | undefined;
  try {
    fd = openSync(source, 'r');
    const namespace = `net:[${fstatSync(fd).ino}]`;
    if (options.namespace !== undefined && namespace !== options.namespace)
      return miss('absent', `the process is in ${namespace} by now`);
    return await handedOver(start(fd, host, port, options), options, miss);
  } catch (error) {
    const kind = missKindOf(error);
    return miss(kind, kind === 'denied' ? `${errorCode(error)} (needs SYS_PTRACE)` : errorCode(error));
  } finally {
    // The child has a copy of its own.
    if (fd !== undefined) closeSync(fd);
  }
}

function start(fd: number, host: string, port: number, { nsenter, deadlineMs }: NamespaceConnectOptions): ChildProcess {
  // The descriptor and not the path: by the time nsenter looks, the number may be another process's.
  const enter = [`--net=/proc/self/fd/${NAMESPACE_FD}`, '--'];
  const node = [process.execPath, '--max-old-space-size=16', '-e', PROGRAM, host, String(port), String(deadlineMs)];
  return spawn(nsenter ?? 'nsenter', [...enter, ...node], {
    cwd: '/',
    env: { PATH: SEARCH_PATH },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', fd],
  });
}

/** What the child sends in the end: the socket, or why there is none. Resolves when the child has gone. */
function handedOver(
  child: ChildProcess,
  { deadlineMs, signal }: NamespaceConnectOptions,
  miss: (kind: MissKind, detail: string) => Reading<never>,
): Promise<Reading<Socket>> {
  return new Promise((resolve) => {
    let result: Reading<Socket> | undefined;
    let stderr = '';
    let exited = false;
    let silent = false;
    const end = (reading: Reading<Socket>): void => {
      if (result === undefined) result = reading;
      else if (reading.ok) reading.value.destroy();
    };
    const kill = (detail: string): void => {
      end(miss('failed', detail));
      child.kill('SIGKILL');
      settleIfOver();
    };
    const timer = setTimeout(() => {
      kill(`not connected within ${deadlineMs} ms`);
    }, deadlineMs);
    const onAbort = (): void => {
      kill('closed');
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    // Not the child's 'close', which does not come once a socket was handed over.
    const settleIfOver = (): void => {
      if (!exited || (result === undefined && !silent)) return;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(result ?? refused(stderr, miss));
    };
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, MAX_STDERR_BYTES);
    });
    child.stderr?.on('close', () => {
      silent = true;
      settleIfOver();
    });
    child.on('message', (message: unknown, handle: unknown) => {
      if (handle instanceof Socket) {
        // Until somebody takes the socket an error on it would end the program.
        handle.on('error', () => undefined);
        end(found(handle));
      } else end(miss('failed', codeOf(message)));
      if (child.connected) child.disconnect();
    });
    child.on('error', (error) => {
      const missing = errorCode(error) === 'ENOENT';
      end(missing ? miss('unsupported', 'nsenter is not installed') : miss(missKindOf(error), errorCode(error)));
      // One that never started does not exit.
      exited ||= child.pid === undefined;
      settleIfOver();
    });
    child.on('exit', () => {
      exited = true;
      settleIfOver();
    });
  });
}

/** The child ended without a word over the channel: nsenter says why on its standard error. */
function refused(stderr: string, miss: (kind: MissKind, detail: string) => Reading<never>): Reading<never> {
  const line = (stderr.split('\n')[0] ?? '').trim().slice(0, 200);
  if (/not permitted|permission denied/i.test(line))
    return miss('denied', `the network namespace may not be entered: needs SYS_ADMIN (${line})`);
  return miss('failed', line === '' ? 'the child ended without a word' : line);
}

function codeOf(message: unknown): string {
  const code = typeof message === 'object' && message !== null && 'code' in message ? message.code : undefined;
  return typeof code === 'string' ? code : 'not connected';
}
