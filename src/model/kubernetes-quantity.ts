const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^\+?(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;
const MAX_LENGTH = 64;

/**
 * A Kubernetes quantity in its base unit (cores, bytes): `100m` is 0.1, `1Gi` 1073741824, `1e3` 1000.
 * Undefined: not one (apimachinery pkg/api/resource/quantity.go has the grammar), or negative, which no resource is.
 */
export function parseQuantity(text: string): number | undefined {
  const match = text.length > MAX_LENGTH ? null : QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, digits = '', exponent, suffix = ''] = match;
  if (exponent !== undefined) return Number(`${digits}${exponent}`);
  return Number(digits) * (SUFFIXES[suffix] ?? Number.NaN);
}

/** Whole bytes, rounded up as the kubelet does (Quantity.Value): `1500m` is 2. */
export function parseBytes(text: string): number | undefined {
  const value = parseQuantity(text);
  return value === undefined ? undefined : Math.ceil(value);
}

/** Cores in whole thousandths, rounded up as the kubelet does (Quantity.MilliValue): `0.0001` is 0.001. */
export function parseCores(text: string): number | undefined {
  const value = parseQuantity(text);
  // 1.001 x 1000 is a hair below 1001 in floating point, 2.007 x 1000 a hair above 2007.
  return value === undefined ? undefined : Math.ceil(Number((value * 1000).toPrecision(12))) / 1000;
}
