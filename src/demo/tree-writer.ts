import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

interface Written {
  readonly content: string | Uint8Array;
  readonly length: number;
}

/**
 * Writes a tree of small files and rewrites them in place: the same inode for as long as the file lives, as with kernel files, so
 * that a reader may keep its descriptor and read again from the start. A file whose content is the same is not touched.
 */
export class TreeWriter {
  readonly #files = new Map<string, Written>();
  readonly #directories = new Set<string>();

  /** Makes a directory and its parents. */
  directory(path: string): void {
    if (this.#directories.has(path)) return;
    mkdirSync(path, { recursive: true });
    this.#directories.add(path);
  }

  /** Writes `content` to `path`, making its directory when need be. */
  file(path: string, content: string | Uint8Array): void {
    const before = this.#files.get(path);
    if (before?.content === content) return;
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    if (before === undefined) this.directory(dirname(path));
    const fd = openSync(path, before === undefined ? 'w' : 'r+');
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, done);
      if (before !== undefined && before.length > bytes.length) ftruncateSync(fd, bytes.length);
    } finally {
      closeSync(fd);
    }
    this.#files.set(path, { content, length: bytes.length });
  }

  /** Makes a symbolic link; its target need not exist. */
  link(path: string, target: string): void {
    this.directory(dirname(path));
    symlinkSync(target, path);
  }

  /** Removes a file or a directory with all below it; nothing happens when it was never written. */
  remove(path: string): void {
    if (!this.#files.has(path) && !this.#directories.has(path)) return;
    rmSync(path, { recursive: true, force: true });
    const inside = (name: string) => name === path || name.startsWith(`${path}/`);
    for (const name of this.#files.keys()) if (inside(name)) this.#files.delete(name);
    for (const name of this.#directories) if (inside(name)) this.#directories.delete(name);
  }
}
