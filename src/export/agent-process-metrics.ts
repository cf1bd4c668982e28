import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricFamilies } from './metric-families.ts';

const RESOLUTION_MS = 10;

/** What the agent's own process uses, read each time it is served. */
export class AgentProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(families: MetricFamilies, startUnixMs: number) {
    const delay = this.#delay;
    delay.enable();
    families.counterOf('process_cpu_seconds_total', 'CPU time of this agent.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    families.gaugeOf('process_resident_memory_bytes', 'Resident memory of this agent.', () =>
      process.memoryUsage.rss(),
    );
    families.gaugeOf('process_start_time_seconds', 'When this agent started.', () => startUnixMs / 1000);
    families.gaugeOf('nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
    families.gaugeOf(
      'nodejs_external_memory_bytes',
      'Memory of buffers outside the JavaScript heap.',
      () => process.memoryUsage().external,
    );
    families.gaugeOf(
      'cgopher_event_loop_delay_max_seconds',
      'Longest delay of the event loop since the last scrape.',
      () => {
        // What is measured includes the interval of the timer.
        const seconds = Math.max(0, delay.max / 1e9 - RESOLUTION_MS / 1000);
        delay.reset();
        return seconds;
      },
    );
  }

  /** Stops the measuring of the event loop. */
  close(): void {
    this.#delay.disable();
  }
}
