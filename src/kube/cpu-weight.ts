/**
 * How cpu.weight is made from CPU shares. `linear`: the kubelet for its own levels, runc before 1.3.2, crun before 1.23.
 * `quadratic`: runc from 1.3.2, crun from 1.23. Containers and pods of one node may use different ones.
 */
export type WeightFormula = 'linear' | 'quadratic';

/** CPU requests, in thousandths of a core, that give one weight: all from `low` to `high`. */
export interface RequestRange {
  readonly lowMilli: number;
  readonly highMilli: number;
}

const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const SHARES_PER_CORE = 1024;

/** CPU shares of a request. Source: kubernetes pkg/kubelet/cm/helpers_linux.go MilliCPUToShares. */
export function sharesOf(requestMilli: number): number {
  return Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((requestMilli * SHARES_PER_CORE) / 1000)));
}

/** cpu.weight of shares from 2 to 262144. Source: opencontainers/cgroups ConvertCPUSharesToCgroupV2Value, old and new. */
export function weightOf(shares: number, formula: WeightFormula): number {
  if (formula === 'linear') return 1 + Math.floor(((shares - MIN_SHARES) * 9999) / (MAX_SHARES - MIN_SHARES));
  if (shares <= MIN_SHARES) return 1;
  if (shares >= MAX_SHARES) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/**
 * The requests that give `weight`. A range, since a weight is coarser than a request; the largest weight has no upper end and gives
 * the smallest request that reaches it as both. Undefined for a weight the formula never makes, such as 0 (cpu.idle) or, quadratic, 2.
 */
export function requestRange(weight: number, formula: WeightFormula): RequestRange | undefined {
  const low = firstShares(weight, formula);
  if (low > MAX_SHARES || weightOf(low, formula) !== weight) return undefined;
  const lowMilli = low === MIN_SHARES ? 0 : Math.ceil((low * 1000) / SHARES_PER_CORE);
  if (weightOf(MAX_SHARES, formula) === weight) return { lowMilli, highMilli: lowMilli };
  const above = firstShares(weight + 1, formula);
  return { lowMilli, highMilli: Math.ceil((above * 1000) / SHARES_PER_CORE) - 1 };
}

/** The smallest shares whose weight is at least `weight`; one more than the largest when there are none. Both formulas only rise. */
function firstShares(weight: number, formula: WeightFormula): number {
  let low = MIN_SHARES;
  let high = MAX_SHARES + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (weightOf(middle, formula) < weight) low = middle + 1;
    else high = middle;
  }
  return low;
}
