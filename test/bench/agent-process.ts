import { join } from 'node:path';
import type { NodePaths } from '../../src/agent/paths.ts';
import type { Bench } from './bench.ts';
import { Coprocess } from './coprocess.ts';

/** One cycle and the scrape after it: processor time, and the longest time the event loop did not turn. */
export interface CycleCost {
  readonly cycleMs: number;
  readonly scrapeMs: number;
  readonly longestMs: number;
  readonly bytes: number;
  readonly slowness: number;
}

/** What the agent's process holds. */
export interface AgentState {
  readonly rssMb: number;
  readonly anonMb: number;
  readonly descriptors: number;
  readonly watches: number;
  readonly cgroups: number;
  readonly containers: number;
  readonly goProcesses: number;
  readonly findings: number;
  readonly misses: number;
  readonly nodeVersion: string;
  readonly commands: number;
}

/** What the container image starts Node with. */
const IMAGE_FLAGS = '--max-semi-space-size=2 --single-threaded-gc --v8-pool-size=1 --max-old-space-size=256';

/** The agent in a process of its own, driven from here. */
export class AgentProcess {
  readonly #child: Coprocess;

  constructor(bench: Bench, paths: NodePaths, node = process.execPath) {
    const flags = (process.env['BENCH_NODE_FLAGS'] ?? IMAGE_FLAGS).split(' ').filter((flag) => flag !== '');
    this.#child = new Coprocess(node, [...flags, join(bench.scratch, 'agent-child.mjs'), JSON.stringify(paths)]);
  }

  cycles(count: number): Promise<CycleCost[]> {
    return this.#child.ask(`cycles\t${count}`);
  }

  plain(count: number): Promise<null> {
    return this.#child.ask(`plain\t${count}`);
  }

  state(): Promise<AgentState> {
    return this.#child.ask('state');
  }

  arrivals(made: readonly string[], spacingMs: number): Promise<number[]> {
    return this.#child.ask(`arrivals\t${JSON.stringify({ made, spacingMs })}`);
  }

  churn(pods: readonly (readonly string[])[], atOnce: number): Promise<null> {
    return this.#child.ask(`churn\t${JSON.stringify({ pods, atOnce })}`);
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}
