import { humanSeconds, round } from './quantity.ts';
import type { NodeContext, Rule, Verdict } from './types.ts';
import { remembering } from './types.ts';
import { clear, unknown } from './verdict.ts';

/** Ten minutes: long enough to be scraped and to alert, short enough to mean "just now". */
const KEEP_SECONDS = 600;

interface Offset {
  /** Wall clock less monotonic clock, milliseconds. */
  readonly ms: number;
  /** Change since the look before, milliseconds; undefined on the first. */
  readonly stepMs: number | undefined;
}

function observe(before: Offset | undefined, { at }: NodeContext): Offset {
  const ms = at.wallMs - at.monotonicMs;
  return { ms, stepMs: before === undefined ? undefined : ms - before.ms };
}

function detect({ thresholds }: NodeContext, { stepMs }: Offset): Verdict {
  if (stepMs === undefined) return unknown('an earlier look at both clocks');
  const step = stepMs / 1000;
  const bound = thresholds.clock.stepSeconds;
  const evidence = [
    {
      signal: 'step of the wall clock',
      value: round(step, 3),
      unit: 'seconds' as const,
      bound,
      source: 'wall clock against monotonic clock, between two looks',
    },
  ];
  if (Math.abs(step) < bound) return clear('wall and monotonic clock went on together', evidence);
  const size = Math.abs(step) < 120 ? `${round(Math.abs(step), 1)} s` : humanSeconds(Math.abs(step));
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `the wall clock jumped ${size} ${step > 0 ? 'forward' : 'back'} between two looks: certificates, tokens, leases and cron schedules go by it, and metrics get gaps${step > 0 ? '. A machine that was suspended looks the same' : ''}`,
    evidence,
    remedy: {
      text: 'Let chrony or systemd-timesyncd slew the clock once the node is up (chrony: `makestep 1 3`), and see why it drifted: a virtual machine that was suspended or moved, two time services, or no time source. In Go keep time.Time values as they are for durations: they carry the monotonic clock until they are marshalled.',
    },
  };
}

/** CLOCK_REALTIME against CLOCK_MONOTONIC: slewing changes both alike, a step only the first (clock_gettime(2), adjtimex(2)). */
export const clockStepped: Rule = {
  id: 'ClockStepped',
  title: 'The wall clock of the node jumped',
  subject: 'node',
  keepSeconds: KEEP_SECONDS,
  about: {
    meaning:
      'Time services correct small errors by slewing, which both clocks follow. A step moves only the wall clock. What compares wall-clock times, such as certificates, tokens, leases and logs, then sees time that did not pass or passed twice. Go’s own timers and durations use the monotonic clock.',
    firesWhen: 'Between two looks the wall clock moved `clock.stepSeconds` or more against the monotonic clock.',
    severity: 'warning.',
    change: 'Mend the time service or the cause of the drift.',
    silentWhen: 'Both clocks went on together.',
    unknownWhen: 'It is the first look.',
    sources: ['clock_gettime(2)', 'package time, Monotonic Clocks, Go 1.26'],
  },
  ...remembering(observe, detect),
};
