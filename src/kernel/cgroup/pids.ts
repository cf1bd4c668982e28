import { FlatKeyed } from './flat-keyed.ts';
import type { Parse } from './scan.ts';

/** pids.events: how often a fork was refused, `max N`. Source: pids_events_show in kernel/cgroup/pids.c, Linux 6.12. */
export function pidsEventsParser(): Parse<number> {
  const file = new FlatKeyed(['max']);
  return (bytes, length) => (file.scan(bytes, length) ? file.at(0) : undefined);
}
