/** Every threshold of the judgement. */
export interface GrowthOptions {
  /** After the start of a process its count says nothing. */
  readonly warmUpSeconds: number;
  /** No growth shorter than this is believed, unless it is urgent. */
  readonly minWindowSeconds: number;
  /** No growth shorter than this is believed, however urgent it is; see {@link leastWindowSeconds}. */
  readonly minUrgentWindowSeconds: number;
  /** What must have been added for growth to be urgent, cost / memory limit: minutes are short for what is near its limit anyway. */
  readonly minUrgentLimitRatio: number;
  /** The same where no memory limit is known: then nothing is urgent. */
  readonly minWindowWithoutLimitSeconds: number;
  /** Growth that went on for this share of the time left to the memory limit is believed: 0.27 tells after a good fifth of the way. */
  readonly evidenceShareOfTimeLeft: number;
  /** The same for growth that lies in the warm-up: 1.75 tells after almost two thirds of the way, where a start-up that fills the memory would end too. */
  readonly evidenceShareInWarmUp: number;
  /** Growth without a fall for this long is believed, however much time is left. A day, as traffic rises and falls in a day. */
  readonly certainWindowSeconds: number;
  /** Stands for the memory limit where there is none: growth is judged as if the process ended at so many goroutines. */
  readonly limitGoroutinesWithoutMemoryLimit: number;
  /** Free memory below this share of the limit counts as this much: page cache fills what is free. */
  readonly minFreeMemoryRatio: number;
  readonly minAddedGoroutines: number;
  /** Added goroutines / goroutines at the begin of the growth. */
  readonly minAddedRatio: number;
  /** What the added goroutines cost, where that is known. */
  readonly minAddedBytes: number;
  /** What the added goroutines cost / memory limit, where both are known. */
  readonly minAddedLimitRatio: number;
  /** Kendall's tau of the troughs: 1 when each is above all before it. */
  readonly minAgreement: number;
  /** Growth from the middle to the last third / growth from the first to the middle third. Less: it is levelling out. */
  readonly minLateToEarlyRatio: number;
  /** The same for urgent growth: what fills up quickly, as a burst does, looks straight for minutes. */
  readonly minUrgentLateToEarlyRatio: number;
  /** The other way round. Less: it was one step. */
  readonly minEarlyToLateRatio: number;
  /** Median distance of the troughs from a straight line / what was added. More: it came in jerks. */
  readonly maxDistanceRatio: number;
  /** A climb this many times longer or higher than one the process came back from is not explained by that one. */
  readonly unlikeEarlierFactor: number;
  readonly criticalSecondsToLimit: number;
  readonly warningSecondsToLimit: number;
  readonly criticalPerHour: number;
  readonly warningPerHour: number;
}

const HOUR = 3600;

/** The thresholds the evaluation was done with. */
export const DEFAULT_GROWTH_OPTIONS: GrowthOptions = {
  warmUpSeconds: 600,
  minWindowSeconds: 540,
  minUrgentWindowSeconds: 175,
  minUrgentLimitRatio: 0.05,
  minWindowWithoutLimitSeconds: 1800,
  evidenceShareOfTimeLeft: 0.27,
  evidenceShareInWarmUp: 1.75,
  certainWindowSeconds: 24 * HOUR,
  limitGoroutinesWithoutMemoryLimit: 100_000,
  minFreeMemoryRatio: 0.05,
  minAddedGoroutines: 100,
  minAddedRatio: 0.2,
  minAddedBytes: 1024 * 1024,
  minAddedLimitRatio: 0.0005,
  minAgreement: 0.8,
  minLateToEarlyRatio: 0.5,
  minUrgentLateToEarlyRatio: 0.8,
  minEarlyToLateRatio: 0.3,
  maxDistanceRatio: 0.06,
  unlikeEarlierFactor: 1.5,
  criticalSecondsToLimit: HOUR,
  warningSecondsToLimit: 3 * 24 * HOUR,
  criticalPerHour: 36_000,
  warningPerHour: 60,
};

/**
 * The shortest growth that is believed at all, seconds. Who asks for more than the usual evidence means urgent growth too, unless the
 * bound of that is set as well.
 */
export function leastWindowSeconds({ minWindowSeconds: usual, minUrgentWindowSeconds: urgent }: GrowthOptions): number {
  if (urgent !== DEFAULT_GROWTH_OPTIONS.minUrgentWindowSeconds) return urgent;
  return usual > DEFAULT_GROWTH_OPTIONS.minWindowSeconds ? usual : Math.min(urgent, usual);
}
