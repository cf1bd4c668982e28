import type { Gogc, Gomemlimit } from './types.ts';

const MAX_INT32 = 2 ** 31 - 1;
const MAX_INT64 = 2n ** 63n - 1n;
const KIB = 1024;
const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  B: 1n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
  TiB: 1n << 40n,
};

/** What the runtime makes of GOMEMLIMIT. `malformed` means that the program dies at start ("malformed GOMEMLIMIT"). */
export type ParsedGomemlimit = { readonly ok: true; readonly value: Gomemlimit } | { readonly ok: false };

/**
 * A decimal int32 as the runtime reads its variables: an optional minus and digits, nothing else. undefined when it is not one,
 * which the runtime passes over in silence. Source: Go runtime/string.go atoi32 (1.26 also takes a leading plus).
 */
export function parseInt32(text: string): number | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  return value > MAX_INT32 || value < -MAX_INT32 - 1 ? undefined : value + 0;
}

/**
 * GOGC in percent as the runtime takes it: `off` and negative numbers are off, anything that is not an int32 (also empty and
 * unset) is 100 without a word. Source: Go runtime/mgcpacer.go readGOGC.
 */
export function parseGogc(variable: string | undefined): Gogc {
  if (variable === undefined) return 100;
  if (variable === 'off') return 'off';
  const percent = parseInt32(variable);
  if (percent === undefined) return 100;
  return percent < 0 ? 'off' : percent;
}

/**
 * GOMEMLIMIT in bytes as Go 1.19 and later take it: digits with no suffix, `B`, `KiB`, `MiB`, `GiB` or `TiB`. Unset, empty,
 * `off` and math.MaxInt64 are off. `512Mi`, `1800m`, `1G` and `1.5GiB` are malformed. Above 2^53 the value is the nearest number.
 * Source: Go runtime/mgcpacer.go readGOMEMLIMIT, runtime/string.go parseByteCount.
 */
export function parseGomemlimit(variable: string | undefined): ParsedGomemlimit {
  if (variable === undefined || variable === '' || variable === 'off') return { ok: true, value: 'off' };
  const match = /^(\d{1,64})((?:[KMGT]i)?B)?$/.exec(variable);
  const unit = UNITS[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined) return { ok: false };
  const digits = BigInt(match[1]);
  const bytes = digits * unit;
  if (bytes > MAX_INT64) return { ok: false };
  return { ok: true, value: bytes === MAX_INT64 ? 'off' : Number(bytes) };
}

/** Writes a GOMEMLIMIT the runtime accepts: whole MiB, rounded down; KiB or bytes below one MiB. `bytes` is not negative. */
export function formatGomemlimit(bytes: number): string {
  if (bytes >= MIB) return `${wholeNumber(bytes / MIB)}MiB`;
  if (bytes >= KIB) return `${wholeNumber(bytes / KIB)}KiB`;
  return `${wholeNumber(bytes)}B`;
}

/**
 * GOMAXPROCS as the runtime takes it: an int32 above 0. undefined for anything else (`0`, `1.5`, `2000m`, unset), which the
 * runtime passes over in silence. Source: Go runtime/proc.go schedinit.
 */
export function parseGomaxprocsEnv(variable: string | undefined): number | undefined {
  const value = variable === undefined ? undefined : parseInt32(variable);
  return value !== undefined && value > 0 ? value : undefined;
}

/**
 * The settings of a GODEBUG text (`name=value,name=value`); of a name given twice the later one holds. Fields without `=` say
 * nothing. Values are raw. Source: Go runtime/runtime1.go parsegodebug, internal/godebug parse.
 */
export function parseGodebug(text: string | undefined): Map<string, string> {
  const settings = new Map<string, string>();
  for (const field of (text ?? '').split(',')) {
    const equals = field.indexOf('=');
    if (equals >= 0) settings.set(field.slice(0, equals), field.slice(equals + 1));
  }
  return settings;
}

function wholeNumber(value: number): string {
  return BigInt(Math.floor(value)).toString();
}
