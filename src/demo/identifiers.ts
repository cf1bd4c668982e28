import { createHash } from 'node:crypto';

/** 64 hexadecimal digits that depend on nothing but `name`: what a container runtime would draw at random. */
export function hexId(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** A version-4 shaped UUID made from `name`. */
export function uuidOf(name: string): string {
  const hex = hexId(name);
  const variant = ((parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A number from 0 up to 1 made from `name`: the demo's only variation, so that two runs are alike. */
export function fractionOf(name: string): number {
  return parseInt(hexId(name).slice(0, 8), 16) / 2 ** 32;
}
