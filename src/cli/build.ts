declare const __CGOPHER_VERSION__: string | undefined;
declare const __CGOPHER_REVISION__: string | undefined;

/** Version and revision, written in by the build; a run from source says so. */
export const build = {
  version: typeof __CGOPHER_VERSION__ === 'string' ? __CGOPHER_VERSION__ : '0.0.0-source',
  revision: typeof __CGOPHER_REVISION__ === 'string' ? __CGOPHER_REVISION__ : 'source',
} as const;

/** The module of the thread that searches executables, beside the bundle. Undefined when run from source. */
export const resolverScript: URL | undefined =
  typeof __CGOPHER_VERSION__ === 'string' ? new URL('./cgopher-resolver.mjs', import.meta.url) : undefined;
