import type { RuleId } from '../../../src/rules/types.ts';
import type { Runbook } from './types.ts';

/** Disks that are shared. */
export const io = {
  IoWeightDefaultUnderContention: {
    impact:
      'Requests that read or write wait behind a neighbour’s bulk work. fsync takes long, so databases, queues and everything with a write-ahead log slow down first.',
    diagnosis: [
      {
        say: 'Share of the time in which some task waited for a device.',
        promql: 'container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="io",extent="some"}',
      },
      {
        say: 'Who moves the bytes on this node.',
        promql:
          'topk(5, sum by (namespace, pod, container, device) (rate(cgopher_container_io_read_bytes_total{node="NODE"}[5m]) + rate(cgopher_container_io_written_bytes_total{node="NODE"}[5m])))',
      },
      {
        say: 'Does the device listen to weights at all? On the node:',
        sh: 'cat /sys/fs/cgroup/io.cost.qos; cat /sys/block/*/queue/scheduler',
      },
    ],
    mitigation: [
      {
        say: 'Stop or move the bulk work, when it can wait; the finding names it.',
        sh: 'kubectl -n OTHER_NAMESPACE delete pod OTHER_POD',
      },
      {
        say: 'A bound on the other one, which works on every device (bytes per second; `MAJ:MIN` of the finding):',
        sh: 'echo "MAJ:MIN rbps=52428800 wbps=52428800" > /sys/fs/cgroup/OTHER_CGROUP/io.max',
      },
      {
        say: 'Weights, where the device listens: a unit takes `IOWeight=`. Kubernetes has no field for it; a volume on another device is the way there.',
        sh: 'systemctl set-property UNIT IOWeight=500',
      },
    ],
  },
  IoWeightIneffective: {
    impact:
      'None by itself. The protection that somebody configured is not there: under contention everyone is served alike.',
    diagnosis: [
      { say: 'The weight that is set.', promql: 'cgopher_container_io_weight{SUBJECT}' },
      {
        say: 'The cost controller and the scheduler of the devices. On the node:',
        sh: 'cat /sys/fs/cgroup/io.cost.qos; cat /sys/block/*/queue/scheduler',
      },
      {
        say: 'Does it wait for devices now?',
        promql: 'container:cgopher_container_pressure_stalled_seconds:rate5m{SUBJECT,resource="io"}',
      },
    ],
    mitigation: [
      {
        say: 'Switch the cost controller on for the device (`MAJ:MIN` of the finding). It begins at once; measure before and after.',
        sh: 'echo "MAJ:MIN enable=1 ctrl=auto" > /sys/fs/cgroup/io.cost.qos',
      },
      { say: 'Or the BFQ scheduler, for slow disks:', sh: 'echo bfq > /sys/block/DEVICE/queue/scheduler' },
      { say: 'Neither wanted: take the weight out, so that nobody relies on it.' },
    ],
  },
} as const satisfies Partial<Record<RuleId, Runbook>>;
