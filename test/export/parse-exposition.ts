/** One sample of an exposition text. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedExposition {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly ParsedSample[];
  /** Samples of a name whose labels hold these. */
  readonly find: (name: string, labels?: Readonly<Record<string, string>>) => ParsedSample[];
}

/**
 * Reads text format 0.0.4 as strictly as it is written down: HELP and TYPE before the samples of a family, each family in one
 * piece, every label value escaped, no series twice. Throws at the first offence.
 */
export function parseExposition(text: string): ParsedExposition {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  const samples: ParsedSample[] = [];
  let family = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const offence = (what: string): Error => new Error(`${what}: ${line.slice(0, 300)}`);
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (?:[^\\]|\\[\\n])+$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (gauge|counter|histogram|summary)$/.exec(line);
    if (help?.[1] !== undefined) {
      if (helped.has(help[1])) throw offence('second HELP');
      helped.add(help[1]);
      family = help[1];
    } else if (type?.[1] !== undefined && type[2] !== undefined) {
      if (types.has(type[1]) || family !== type[1]) throw offence('TYPE out of place');
      types.set(type[1], type[2]);
    } else if (line !== '') {
      const sample = sampleOf(line);
      if (sample === undefined) throw offence('neither comment nor sample');
      const parts = types.get(family) === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!types.has(family) || !parts.some((part) => sample.name === `${family}${part}`))
        throw offence('sample outside its family');
      const id = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(id)) throw offence('series twice');
      seen.add(id);
      samples.push(sample);
    }
  }
  return {
    types,
    samples,
    find: (name, labels = {}) =>
      samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      ),
  };
}

function sampleOf(line: string): ParsedSample | undefined {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/s.exec(line);
  if (match?.[1] === undefined) return undefined;
  const labels: Record<string, string> = {};
  let rest = match[2] ?? '';
  while (rest !== '') {
    const label = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/.exec(rest);
    if (label?.[1] === undefined || label[2] === undefined || Object.hasOwn(labels, label[1])) return undefined;
    labels[label[1]] = label[2].replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
    rest = rest.slice(label[0].length);
  }
  return { name: match[1], labels, value: Number(match[3]) };
}
