import type { RuleAbout } from './types.ts';

export const goroutineGrowthAbout: RuleAbout = {
  meaning:
    'More and more goroutines are started and fewer end. Each holds a stack of 2 KiB or more and whatever it refers to, so memory grows with them until the limit, and the collector scans every stack. The lowest counts are what is judged: traffic, batches and bursts come and go above them.',
  firesWhen:
    'The lowest counts rise all through a stretch of time, by enough to matter (`thresholds.goroutineGrowth.minAddedGoroutines` and `minAddedRatio`, and what they cost in memory), the process never came back from the like, and it has gone on long enough for the time left: three minutes when the limit is minutes away, a day when it is far.',
  severity:
    'critical: the memory limit is less than `thresholds.goroutineGrowth.criticalSecondsToLimit` (an hour) away at this rate, or more than `criticalPerHour` are added. warning: less than `warningSecondsToLimit` (three days), or more than `warningPerHour`. Otherwise info.',
  change:
    'The place whose goroutines grew, with what they wait for and since when, and what to give them: an end. There is no setting for it. When the growth began as another container of the pod ended, that container is named (StalledAfterSiblingExit).',
  silentWhen:
    'The count levels out, follows the day, falls back after batches or bursts, comes back within the hour after connections broke, or made one step as after a deployment. A process younger than `thresholds.goroutineGrowth.warmUpSeconds` (10 minutes) is unknown, not silent, unless goroutines take almost two thirds of the free memory by then.',
  unknownWhen: 'the number of goroutines is not known, or not for long enough yet',
  sources: [
    'Go runtime/proc.go gcount; runtime/stack.go (least stack 2 KiB, Go 1.19 and later adaptive)',
    'Theil-Sen slope and Kendall’s tau: see docs/goroutine-growth.md for how it was tried',
  ],
};
