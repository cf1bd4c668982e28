import type { Frame } from './profile-frames.ts';
import type { GoroutineGroup } from './types.ts';

/** First path elements of the standard library's packages (Go 1.27). A module may not be named like one of these. */
const STANDARD = new Set(
  (
    'archive arena bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash ' +
    'html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings ' +
    'structs sync syscall testing text time unicode unique unsafe vendor weak'
  ).split(' '),
);
const MACHINERY = new Set(['runtime', 'internal', 'sync']);

/**
 * The place in the program that a stack stands for, innermost first: the first frame outside the standard library; else (an idle
 * net/http connection) the first outside runtime, internal and sync; undefined when there is neither.
 */
export function siteOf(frames: readonly Frame[]): GoroutineGroup['site'] {
  let fallback: Frame | undefined;
  for (const frame of frames) {
    if (frame.function === '') continue;
    const root = packageRoot(frame.function);
    if (!STANDARD.has(root)) return { ...frame };
    if (!MACHINERY.has(root)) fallback ??= frame;
  }
  return fallback === undefined ? undefined : { ...fallback };
}

/**
 * Whether the function is one that writes profiles. A goroutine under runtime/pprof.Do is the program's own work and is not.
 */
export function isProfilerFrame(name: string): boolean {
  return (
    name.startsWith('net/http/pprof.') ||
    name.startsWith('runtime/pprof.write') ||
    name.startsWith('runtime/pprof.(*Profile).WriteTo')
  );
}

/** `net` of `net/http.(*conn).serve`, `main` of `main.run`, `example.com` of `example.com/app/queue.(*Pool[...]).take`. */
function packageRoot(name: string): string {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  // A type argument or receiver may hold a slash; the package path ends before the first bracket or parenthesis.
  const bracket = name.search(/[[(]/);
  const pathSlash = bracket >= 0 && slash > bracket ? -1 : slash;
  if (pathSlash >= 0) return name.slice(0, pathSlash);
  return dot >= 0 ? name.slice(0, dot) : name;
}
