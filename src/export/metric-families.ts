type Labels<L extends string> = Readonly<Record<L, string>>;

export interface CounterFamily<L extends string = never> {
  inc(by?: number): void;
  inc(labels: Labels<L>, by?: number): void;
  remove(labels: Labels<L>): void;
}

export interface GaugeFamily<L extends string = never> {
  set(value: number): void;
  set(labels: Labels<L>, value: number): void;
  remove(labels: Labels<L>): void;
}

export interface HistogramFamily<L extends string> {
  observe(labels: Labels<L>, value: number): void;
  remove(labels: Labels<L>): void;
}

/**
 * Makes families of the agent's own metrics, as they are defined in the files by subject. A family is served from when it is made, in that
 * order; one without labels begins with 0.
 */
export interface MetricFamilies {
  counter<L extends string = never>(name: string, help: string, labelNames?: readonly L[]): CounterFamily<L>;
  gauge<L extends string = never>(name: string, help: string, labelNames?: readonly L[]): GaugeFamily<L>;
  /** `buckets`: their upper bounds, without the infinite one. */
  histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: readonly number[],
  ): HistogramFamily<L>;
  /** `read` gives the total, each time the metrics are served. */
  counterOf(name: string, help: string, read: () => number): void;
  /** `read` gives the value, each time the metrics are served. */
  gaugeOf(name: string, help: string, read: () => number): void;
}
