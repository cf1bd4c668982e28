import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'busybox', 'ksh', 'zsh']);

function detect({ process, container }: ProcessContext): Verdict {
  if (container === undefined) return clear('it is in no container or unit');
  if (container.identity.kind === 'systemd')
    return clear('systemd signals every process of a unit, not only its first');
  const { init } = process;
  if (init === undefined)
    return unknown(
      'process 1 of the PID namespace it is in (its ancestors lead out of the container, or may not be read)',
    );
  if (init.handlesSigterm === undefined) return unknown('SigCgt and SigBlk of process 1');
  const evidence: Evidence[] = [
    { signal: 'process 1 of the container', value: init.name, unit: '', source: `/proc/${init.pid}/status` },
    {
      signal: 'catches or waits for SIGTERM',
      value: init.handlesSigterm ? 'yes' : 'no',
      unit: '',
      source: `SigCgt and SigBlk of /proc/${init.pid}/status`,
    },
  ];
  if (init.handlesSigterm)
    return clear(
      init.pid === process.pid
        ? 'it is process 1 itself, and the Go runtime catches SIGTERM'
        : `process 1 (${init.name}) handles SIGTERM`,
      evidence,
    );
  if (init.pid === process.pid) {
    return {
      outcome: 'holds',
      severity: 'warning',
      summary:
        'the program is process 1 of its container and ignores SIGTERM: it is killed at the end of the grace period, in the middle of its work',
      evidence,
      remedy: {
        text: 'Take out signal.Ignore(syscall.SIGTERM), or stop the server on it with signal.NotifyContext and http.Server.Shutdown.',
      },
    };
  }
  const shell = SHELLS.has(init.name);
  return {
    outcome: 'holds',
    severity: 'warning',
    summary: `process 1 of the container is ${shell ? 'a shell' : init.name}${shell ? ` (${init.name})` : ''}, which does nothing on SIGTERM: ${process.name} never hears that it should stop, and is killed at the end of the grace period`,
    evidence,
    remedy: {
      text: shell
        ? `Use the exec form, so that the program is process 1: \`ENTRYPOINT ["/${process.name}"]\`, or \`exec ${process.name} "$@"\` as the script’s last line. Where a shell is needed around it, start it under tini.`
        : `Make ${process.name} process 1 of the container, or start it under an init that passes signals on (tini, or \`docker run --init\`).`,
    },
  };
}

/**
 * To process 1 of a PID namespace the kernel delivers no signal whose action is the default (pid_namespaces(7)); the container runtime sends
 * SIGTERM to that process only. The Go runtime catches SIGTERM by itself (runtime/sigtab_linux_generic.go).
 */
export const initIgnoresSigterm: Rule = {
  id: 'InitIgnoresSigterm',
  title: 'SIGTERM does not reach the Go program of a container',
  subject: 'process',
  about: {
    meaning:
      'To stop a container, SIGTERM is sent to its process 1 alone. The kernel drops it when that process has no handler, as with a shell that started the program. The program then gets no chance to finish requests: each rollout waits for the whole grace period and cuts connections.',
    firesWhen:
      'Process 1 of the PID namespace of the Go process, itself or an ancestor, neither catches SIGTERM (SigCgt) nor keeps it for sigwait or signalfd (SigBlk).',
    severity: 'warning.',
    change: 'The exec form of ENTRYPOINT, `exec` in the script, or an init such as tini.',
    silentWhen: 'Process 1 handles SIGTERM, as every Go program, tini and dumb-init do; and in systemd units.',
    unknownWhen: 'Process 1 is no ancestor (a PID namespace shared in the pod), or its status could not be read.',
    sources: ['pid_namespaces(7)', 'runtime/sigtab_linux_generic.go, Go 1.26', 'proc_pid_status(5)'],
  },
  detect,
};
