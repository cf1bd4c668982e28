import type { Running } from '../../src/demo/world.ts';
import type { SyntheticNode } from './synthetic-node.ts';
import type { Row } from './table.ts';

/** What every part of the benchmark is given. */
export interface Bench {
  /** The bundled child programs, and room for files of one's own. */
  readonly scratch: string;
  /** test/bench of the checkout. */
  readonly sources: string;
  /** The bundled agent. */
  readonly program: string;
  readonly node: SyntheticNode;
  /** The same cgroups as directories on the real cgroup2; undefined where that cannot be had. */
  readonly realRoot: string | undefined;
  readonly running: readonly Running[];
  /** Paths of all containers and pods below the cgroup root. */
  readonly containers: readonly string[];
  readonly pods: readonly string[];
  /** A second Node version to measure memory on. */
  readonly otherNode: string | undefined;
  readonly row: (row: Row) => void;
  /** A line for whoever waits. */
  readonly say: (text: string) => void;
}
