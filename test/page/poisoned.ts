/** Words that are the agent's own: what is in one of them never comes from outside. */
const OWN = new Set([
  ...['severity', 'state', 'kind', 'outcome', 'hierarchy', 'level', 'from', 'unit', 'rule', 'id', 'setting', 'off'],
  ...['reader', 'goalSetBy', 'offBecause', 'setBy'],
]);

/** Puts `evil` behind every text that somebody else could have written, names of kernel settings included. */
export function poisoned<T>(value: T, evil: string, key = ''): T {
  if (typeof value === 'string') {
    return OWN.has(key) || value === 'off' || value === 'max' ? value : ((value + evil) as T);
  }
  if (Array.isArray(value)) return value.map((one: unknown) => poisoned(one, evil, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => {
    // A rule is code of the agent's own.
    if (name === 'rule' && typeof one === 'object') return [name, one as unknown];
    return [key === 'sysctls' || key === 'set' ? name + evil : name, poisoned(one as unknown, evil, name)];
  });
  return Object.fromEntries(entries) as T;
}
