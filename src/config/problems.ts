/** One thing wrong with a configuration file. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; undefined when the file as a whole is meant. */
  readonly line: number | undefined;
  /** From 1, in UTF-16 units; undefined with `line`. */
  readonly column: number | undefined;
  /** `endpoints.targets[0].port`; empty for the file as a whole. */
  readonly path: string;
  /** What was expected. */
  readonly message: string;
}

/** `file:line:column path: what was expected`. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return problem.path === '' ? `${place}: ${problem.message}` : `${place} ${problem.path}: ${problem.message}`;
}

/** `['endpoints', 'targets', 0, 'port']` as `endpoints.targets[0].port`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${String(part).slice(0, 64)}`;
  }
  return text;
}
