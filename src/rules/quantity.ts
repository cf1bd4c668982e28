const MIB = 1 << 20;

/** Bytes for a person: `512 MiB`, `1.5 GiB`, `640 KiB`. */
export function humanBytes(bytes: number): string {
  const magnitude = Math.abs(bytes);
  if (magnitude >= 1 << 30) return `${round(bytes / (1 << 30), 2)} GiB`;
  if (magnitude >= MIB) return `${round(bytes / MIB, 1)} MiB`;
  return `${round(bytes / 1024, 1)} KiB`;
}

/** Whole MiB rounded down, in the grammar GOMEMLIMIT takes (runtime/string.go, parseByteCount). `512Mi` would crash the program. */
export function goBytes(bytes: number): string {
  return `${Math.max(1, Math.floor(bytes / MIB))}MiB`;
}

/** Whole MiB rounded up, in the grammar of a Kubernetes quantity. */
export function kubernetesBytes(bytes: number): string {
  return `${Math.max(1, Math.ceil(bytes / MIB))}Mi`;
}

/** Cores in the grammar of a Kubernetes quantity, rounded up to whole millicores: `2`, `500m`. */
export function kubernetesCores(cores: number): string {
  // 2.007 x 1000 is a hair above 2007 in floating point, and a container may not ask for more than its pod.
  const milli = Math.ceil(round(cores * 1000, 6));
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** `12.5 %`. */
export function percent(ratio: number): string {
  return `${round(ratio * 100, 1)} %`;
}

/** At most `digits` decimals, no trailing zeros. */
export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** `1 core`, `0.5 cores`, `2 cores`: to so many digits after the point. */
export function humanCores(cores: number, digits = 3): string {
  const rounded = round(cores, digits);
  return `${rounded} ${rounded === 1 ? 'core' : 'cores'}`;
}

/** `90 s`, `12 min`, `3.5 h`. */
export function humanSeconds(value: number): string {
  if (value < 120) return `${round(value, 0)} s`;
  return value < 7200 ? `${round(value / 60, 0)} min` : `${round(value / 3600, 1)} h`;
}
