import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { found, type MissKind, missed, type Reading } from '../base/reading.ts';
import type { Connector } from './connector.ts';
import { errorCode, missKindOf } from './errno.ts';

const READER = 'unix_socket';
/** Names a file without opening it: a device or FIFO in the way is not touched. asm-generic/fcntl.h; the same on amd64 and arm64. */
const O_PATH = 0o10000000;
const { O_NOFOLLOW, O_DIRECTORY } = constants;
/** Deeper is nobody's socket. */
const MAX_DEPTH = 32;

/**
 * The way to a unix socket inside another process's root directory (`/proc/PID/root`), over mounts of its own namespace. No symbolic
 * link is followed below `root`: links there are the process's to make, and an absolute one would lead to a file of the reader's own
 * root. Each directory is held open while the next name is looked up in it, and what is connected to is the file that was looked at,
 * so nothing can be put in its place in between; the length of the path does not matter.
 */
export function unixSocketInRoot(root: string, path: string): Connector {
  return { key: `unix:${root}${path}`, connect: (deadlineMs) => connectInRoot(root, path, deadlineMs) };
}

async function connectInRoot(root: string, path: string, deadlineMs: number): Promise<Reading<Socket>> {
  // A file system of the other process may keep a look-up waiting for ever.
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Reading<never>>((resolve) => {
    timer = setTimeout(() => {
      late = true;
      resolve(miss(root, path, 'failed', `not connected within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  const connected = lookUpAndConnect(root, path);
  void connected.then((reading) => {
    if (late && reading.ok) reading.value.destroy();
  });
  const reading = await Promise.race([connected, deadline]);
  clearTimeout(timer);
  return reading;
}

async function lookUpAndConnect(root: string, path: string): Promise<Reading<Socket>> {
  const names = path.split('/').slice(1);
  if (!path.startsWith('/') || names.length > MAX_DEPTH || names.some((name) => name === '' || /^\.\.?$/.test(name)))
    return miss(root, path, 'unsupported', 'not a plain absolute path');
  let at: FileHandle | undefined;
  try {
    at = await open(root, O_PATH | O_DIRECTORY);
    for (const [index, name] of names.entries()) {
      const kind = index < names.length - 1 ? O_DIRECTORY : 0;
      const next: FileHandle = await open(`${fdPath(at)}/${name}`, O_PATH | O_NOFOLLOW | kind);
      await at.close();
      at = next;
    }
    const stat = await at.stat();
    if (stat.isSymbolicLink()) return miss(root, path, 'denied', 'a symbolic link, not followed');
    if (!stat.isSocket()) return miss(root, path, 'absent', 'not a socket');
    return await connectTo(fdPath(at), root, path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTDIR' || code === 'ELOOP')
      return miss(root, path, 'denied', `${code}: a directory on the way is a symbolic link, or none`);
    return miss(root, path, missKindOf(error), code);
  } finally {
    await at?.close();
  }
}

function connectTo(place: string, root: string, path: string): Promise<Reading<Socket>> {
  return new Promise((resolve) => {
    const socket = connect({ path: place });
    socket.once('connect', () => {
      resolve(found(socket));
    });
    // Stays: an error that nobody listens for would end the program.
    socket.on('error', (error) => {
      resolve(miss(root, path, missKindOf(error), errorCode(error)));
    });
  });
}

function fdPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

function miss(root: string, path: string, kind: MissKind, detail: string): Reading<never> {
  return missed(kind, READER, `${root}${path}`, detail);
}
