import type { Frame } from './profile-frames.ts';
import { isStandard, packageRoot } from './standard-library.ts';

const MACHINERY = new Set(['runtime', 'internal', 'sync']);

/**
 * The place in the program that a stack stands for, innermost first: the first frame outside the standard library; else (an idle
 * net/http connection) the first outside runtime, internal and sync; undefined when there is neither.
 */
export function siteOf(frames: readonly Frame[]): Frame | undefined {
  let fallback: Frame | undefined;
  for (const frame of frames) {
    if (frame.function === '') continue;
    const root = packageRoot(frame.function);
    if (!isStandard(root)) return { ...frame };
    if (!MACHINERY.has(root)) fallback ??= frame;
  }
  return fallback === undefined ? undefined : { ...fallback };
}

/**
 * Where the goroutine's own work starts: the last frame outside the standard library, which without the go statement (a profile
 * does not say it) tells best what was started; else the last outside runtime, internal and sync; undefined when there is neither.
 */
export function entryOf(frames: readonly Frame[]): Frame | undefined {
  return siteOf(frames.toReversed());
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
