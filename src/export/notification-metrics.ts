import type { CounterFamily, GaugeFamily, HistogramFamily, MetricFamilies } from './metric-families.ts';

/** What is pushed to Alertmanagers, each by its address. Named as in Prometheus (notifier/metric.go). */
export class NotificationMetrics {
  readonly #sent: CounterFamily<'alertmanager'>;
  readonly #errors: CounterFamily<'alertmanager'>;
  readonly #dropped: CounterFamily<'alertmanager'>;
  readonly #waiting: GaugeFamily<'alertmanager'>;
  readonly #capacity: GaugeFamily<'alertmanager'>;
  readonly #latency: HistogramFamily<'alertmanager'>;

  constructor(families: MetricFamilies) {
    const labels = ['alertmanager'] as const;
    this.#sent = families.counter(
      'cgopher_notifications_sent_total',
      'Alerts the Alertmanager accepted, repeats included.',
      labels,
    );
    this.#errors = families.counter(
      'cgopher_notifications_errors_total',
      'Alerts in requests that failed or were refused.',
      labels,
    );
    this.#dropped = families.counter(
      'cgopher_notifications_dropped_total',
      'Alerts given up: refused as they are, more than fit, or ended so long ago that nobody need know.',
      labels,
    );
    this.#waiting = families.gauge(
      'cgopher_notifications_queue_length',
      'Alerts that are to be sent and are not yet accepted.',
      labels,
    );
    this.#capacity = families.gauge(
      'cgopher_notifications_queue_capacity',
      'Alerts that can fire at once and be pushed.',
      labels,
    );
    this.#latency = families.histogram(
      'cgopher_notifications_latency_seconds',
      'Time of requests that were accepted.',
      labels,
      [0.01, 0.1, 1, 10],
    );
  }

  begin(alertmanager: string, capacity: number): void {
    for (const counter of [this.#sent, this.#errors, this.#dropped]) counter.inc({ alertmanager }, 0);
    this.#waiting.set({ alertmanager }, 0);
    this.#capacity.set({ alertmanager }, capacity);
  }

  sent(alertmanager: string, alerts: number, latencySeconds: number): void {
    this.#sent.inc({ alertmanager }, alerts);
    this.#latency.observe({ alertmanager }, latencySeconds);
  }

  failed(alertmanager: string, alerts: number): void {
    this.#errors.inc({ alertmanager }, alerts);
  }

  dropped(alertmanager: string, alerts: number): void {
    this.#dropped.inc({ alertmanager }, alerts);
  }

  waiting(alertmanager: string, alerts: number): void {
    this.#waiting.set({ alertmanager }, alerts);
  }

  end(alertmanager: string): void {
    for (const family of [this.#sent, this.#errors, this.#dropped, this.#waiting, this.#capacity, this.#latency])
      family.remove({ alertmanager });
  }
}
