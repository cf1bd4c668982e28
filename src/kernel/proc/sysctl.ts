import { latin1, utf8 } from './text.ts';

const MAX_LINE = 256;

/** Parses a file that is one whole number (vm.swappiness, kernel.pid_max). Undefined when it is anything else. */
export function parseNumberFile(bytes: Uint8Array, length: number): number | undefined {
  if (length > MAX_LINE) return undefined;
  const text = latin1(bytes, 0, length).trim();
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Parses a file that is one line of printable text (kernel.osrelease, boot_id). Undefined when empty, longer, or binary. */
export function parseLineFile(bytes: Uint8Array, length: number): string | undefined {
  if (length > MAX_LINE) return undefined;
  const text = utf8(bytes, 0, length).replace(/\n$/, '');
  return text === '' || /\p{Cc}/u.test(text) ? undefined : text;
}

/**
 * The chosen word of a list such as `always [madvise] never` (/sys/kernel/mm/transparent_hugepage/enabled). Undefined when none is
 * in brackets. Source: Documentation/admin-guide/mm/transhuge.rst, Linux 6.12.
 */
export function parseChoiceFile(bytes: Uint8Array, length: number): string | undefined {
  if (length > MAX_LINE) return undefined;
  return /(?:^| )\[([a-z0-9_+-]+)\](?: |\n|$)/.exec(latin1(bytes, 0, length))?.[1];
}
