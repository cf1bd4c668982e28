const UNIT = /\.(?:service|scope)$/;

/**
 * The systemd unit a cgroup belongs to: the deepest service or scope of its path, as people write it. Undefined for a slice, even one
 * of a user manager's, and for a path without a unit. A cgroup that a service made below itself belongs to the service.
 */
export function unitOf(parts: readonly string[]): string | undefined {
  if (parts.at(-1)?.endsWith('.slice') === true) return undefined;
  const name = parts.findLast((part) => UNIT.test(part));
  return name === undefined ? undefined : unescapeUnit(name);
}

/**
 * Undoes systemd's escapes: `\x2d` is `-`, and a leading `_` keeps a unit's name apart from the kernel's own files. Control
 * characters stay escaped. Source: systemd.unit(5), src/basic/cgroup-util.c cg_unescape.
 */
export function unescapeUnit(name: string): string {
  const plain = name.startsWith('_') ? name.slice(1) : name;
  return plain.replace(/(?:\\x[0-9a-f]{2})+/g, (escapes) => {
    const text = Buffer.from(escapes.replaceAll('\\x', ''), 'hex').toString('utf8');
    return /[\p{Cc}\ufffd]/u.test(text) ? escapes : text;
  });
}
