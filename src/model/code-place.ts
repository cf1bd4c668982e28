import type { CodePlace } from '../go/types.ts';

/** `main.work (/src/main.go:12)`, or the function alone when its file is not known. */
export function placeText(at: CodePlace | undefined): string | undefined {
  if (at === undefined) return undefined;
  return at.file === '' ? at.function : `${at.function} (${at.file}:${at.line})`;
}
