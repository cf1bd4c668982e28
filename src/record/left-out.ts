/**
 * Settings of a build that name no more than how it was built. Not `-ldflags`, `-gcflags` and `CGO_*FLAGS`: people pass keys and
 * tokens to the linker (`-X main.token=...`), and paths of their machines to the compiler.
 */
const BUILD_SETTINGS: ReadonlySet<unknown> = new Set([
  '-asan',
  '-buildmode',
  '-compiler',
  '-cover',
  '-msan',
  '-race',
  '-tags',
  '-trimpath',
  'CGO_ENABLED',
  'DefaultGODEBUG',
  'GOAMD64',
  'GOARCH',
  'GOARM64',
  'GOEXPERIMENT',
  'GOFIPS140',
  'GOOS',
  'vcs',
  'vcs.modified',
  'vcs.revision',
  'vcs.time',
]);

/**
 * What a field of a sample is replaced by where it is written down or handed out. Labels of goroutines are what the program made
 * them: user names, request ids; they become empty unless `labels` keeps them. Of the build settings the harmless ones stay.
 */
export function leavingOut(keep: { readonly labels: boolean }): (key: string, value: unknown) => unknown {
  return (key, value) => {
    if (key === 'labels' && !keep.labels && typeof value === 'object') return {};
    if (key === 'settings' && value instanceof Map)
      return new Map([...(value as Map<unknown, unknown>)].filter(([name]) => BUILD_SETTINGS.has(name)));
    return value;
  };
}
