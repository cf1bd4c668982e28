/**
 * Where a value about a Go process comes from, best first.
 *
 * - `endpoint`: the process said so itself (metrics, expvar, pprof).
 * - `memory`: read from the process's memory, by a layout that has proved itself.
 * - `build`: written into the executable by the Go linker.
 * - `kernel`: a control file or /proc.
 * - `environment`: the process's environment at exec. `os.Setenv` later is not visible.
 * - `config`: said by the operator of this agent.
 * - `inferred`: what the Go runtime of that version does with these inputs. An explicit call in the program is invisible.
 */
export type Provenance = 'endpoint' | 'memory' | 'build' | 'kernel' | 'environment' | 'config' | 'inferred';

/** A value with the place it comes from. */
export interface Known<T> {
  readonly value: T;
  readonly from: Provenance;
  /** More about the source for a person: metric name, variable, rule of the runtime. */
  readonly detail?: string;
  /** How old the value was when the node was looked at, seconds. Left out for what does not age: build, environment, inference. */
  readonly ageSeconds?: number;
}
