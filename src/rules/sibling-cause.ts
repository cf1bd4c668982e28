import type { GoroutineHistory } from './goroutine-history.ts';
import { beganAt } from './growth/onset.ts';
import { humanSeconds, round } from './quantity.ts';
import { isBack, type SiblingEnd } from './sibling-ends.ts';
import type { Evidence } from './types.ts';

/** The end of another container, the first of its run, with which the growth of a process began. */
export interface SiblingCause {
  readonly end: SiblingEnd;
  /** A container of that name runs again. */
  readonly back: boolean;
  readonly agoSeconds: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Looks for the container whose end the growth began with, the newest first. Of one that ended again and again only the first end counts:
 * one of many ends lies near any moment. `undefined`: none of them; `unknown`: none of them for sure,
 * and of one it cannot be told, because too little was seen around its end.
 */
export function siblingCause(
  { growth, siblings }: GoroutineHistory,
  nowMs: number,
): SiblingCause | 'unknown' | undefined {
  if (growth === undefined) return siblings.ends.length === 0 ? undefined : 'unknown';
  let unsure = false;
  for (const end of siblings.ends.toReversed()) {
    const onset = beganAt(growth, end.atMs / 1000);
    unsure ||= onset.kind === 'unknown';
    if (onset.kind !== 'began') continue;
    const agoSeconds = (nowMs - end.atMs) / 1000;
    const before = `lowest counts before ${end.name} ended`;
    return {
      end,
      back: isBack(siblings, end),
      agoSeconds,
      evidence: [
        {
          signal: `time since ${end.name} ended`,
          value: agoSeconds,
          unit: 'seconds',
          source: 'containers of the pod, look by look',
        },
        { signal: `goroutines before ${end.name} ended`, value: round(onset.before, 1), unit: 'count', source: before },
        {
          signal: 'goroutines added an hour since then',
          value: round(onset.perHour, 1),
          unit: 'count',
          source: 'slope of the lowest counts since',
        },
      ],
    };
  }
  return unsure ? 'unknown' : undefined;
}

/** `cache ended 12 min ago (it is gone)`; `cache ended 12 min ago, and 3 times since (...)`. */
export function endedText({ end, back, agoSeconds }: SiblingCause): string {
  const again = end.times === 1 ? '' : `, and ${end.times === 2 ? 'once' : `${end.times - 1} times`} since`;
  return `${end.name} ended ${humanSeconds(agoSeconds)} ago${again}${back ? ' (it was started again since)' : ' (it is gone)'}`;
}

/** What to do about it, in one sentence or two. */
export function siblingRemedy(cause: SiblingCause): string {
  const { end, back } = cause;
  const again = back
    ? `It is there again, so what still waits holds on to the old one: connect anew when a call fails.`
    : `Nothing will answer them any more.`;
  return `Give what waits for ${end.name} an end (a timeout, a context). ${again} See why it ended: \`kubectl logs --previous\` and the termination state of ${end.name}.`;
}
