import type { GoVersion } from './types.ts';

const MAX_TEXT = 256;
const RELEASE = /^(?:devel )?go(\d{1,3})\.(\d{1,4})(?:\.(\d{1,4}))?(?!\d)(.*)$/;

/**
 * Reads runtime.Version() text: `go1.26.4`, `go1.27rc1`, `go1.25.6 X:greenteagc` (to 1.25), `go1.26.4-X:goroutineleakprofile`
 * (from 1.26), `devel go1.27-abc123 ...`, `go1.21.4 (Red Hat 1.21.4-1.el9)`, `go1.22.5-fips`.
 * Returns undefined when there is no release number (`devel +abc123`, another language's version) or the text cannot be one
 * (control characters, over 256 characters).
 * Source: Go runtime.buildVersion, internal/goversion; the shapes are those Go 1.13 to 1.27 and distributions print.
 */
export function parseGoVersion(text: string): GoVersion | undefined {
  if (text.length > MAX_TEXT || hasControlCharacter(text)) return undefined;
  const match = RELEASE.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch, suffix] = match;
  return {
    text,
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? undefined : Number(patch),
    suffix: suffix ?? '',
  };
}

/** Whether `version` is Go `major.minor` or later. Release candidates and development builds count as their release. */
export function isAtLeast(version: GoVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
