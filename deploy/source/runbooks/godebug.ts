import type { Step } from './types.ts';

/** One switch more in GODEBUG. The variable holds all of them, so what is there must be written again. `lead` says when. */
export const setGodebug = (change: string, lead: string): readonly Step[] => [
  {
    say: `${lead} GODEBUG holds all switches at once, so look first at what the manifest sets. No line: the image may set it, which \`/proc/PID/environ\` on the node shows.`,
    sh: 'kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER --list | grep GODEBUG',
  },
  {
    say: `Nothing is set there:`,
    sh: `kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GODEBUG=${change}`,
  },
  {
    say: `Something is: PRESENT stands for it. Alone, \`${change}\` would replace it.`,
    sh: `kubectl -n NAMESPACE set env deployment/WORKLOAD -c CONTAINER GODEBUG=PRESENT,${change}`,
  },
];
