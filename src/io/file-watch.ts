import { watch } from 'chokidar';

/** A watch on one file. */
export interface FileWatch {
  /** Settles once changes are seen; one made before may be missed. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * Calls `onChange` each time the file at `path` has new content, also when it is replaced by a rename or by the kubelet's swap
 * of the `..data` link of a ConfigMap volume, which gives exactly one call. The file itself is watched, not its directory:
 * a directory gives three to four events per swap. `onError` hears of a watch that broke (ENOSPC: out of inotify watches).
 */
export function watchFile(
  path: string,
  onChange: () => void,
  onError: (error: unknown) => void = () => undefined,
): FileWatch {
  const watcher = watch(path, { ignoreInitial: true });
  const ready = new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
  });
  watcher.on('change', () => {
    onChange();
  });
  watcher.on('add', () => {
    onChange();
  });
  watcher.on('error', onError);
  return { ready, close: () => watcher.close() };
}
