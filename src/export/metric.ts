/** Takes one sample. An undefined value is no sample. `extra` is label text beyond the subject's own labels, already escaped. */
export type Emit = (value: number | undefined, extra?: string) => void;

/** One metric family over subjects of one kind: a row of the metric table. */
export interface Metric<S> {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** Labels beyond the subject's own. */
  readonly labels?: readonly string[];
  readonly collect: (subject: S, emit: Emit) => void;
}

/** A row with one sample a subject. */
export function single<S>(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  value: (subject: S) => number | undefined,
): Metric<S> {
  return {
    name,
    help,
    type,
    collect: (subject, emit) => {
      emit(value(subject));
    },
  };
}

/** A limit as a number; no limit is no sample. */
export function finite(limit: number | 'max' | 'off' | undefined): number | undefined {
  return typeof limit === 'number' ? limit : undefined;
}
