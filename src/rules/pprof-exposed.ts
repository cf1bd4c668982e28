import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function detect({ process }: ProcessContext): Verdict {
  const { linked, answersAt, listen, beyondLoopback } = process.pprof;
  if (answersAt === undefined) {
    if (linked === false) return clear('net/http/pprof is not in the program');
    const detail = process.endpointDetail === '' ? 'no debug endpoint answered' : process.endpointDetail;
    return unknown(`whether pprof answers, and where (${detail})`);
  }
  const evidence: Evidence[] = [
    { signal: 'pprof index', value: answersAt, unit: '', source: `http://${answersAt}/debug/pprof/` },
  ];
  if (listen !== undefined)
    evidence.push({ signal: 'listening socket', value: listen, unit: '', source: '/proc/PID/net/tcp, tcp6' });
  if (beyondLoopback !== true) return clear('pprof answers on loopback only', evidence);
  const port = answersAt.slice(answersAt.lastIndexOf(':') + 1);
  return {
    outcome: 'holds',
    severity: 'info',
    summary: `pprof answers at ${answersAt}, not only on loopback: who can reach the pod can read its command line and memory profile, and slow it down with CPU profiles and traces`,
    evidence,
    remedy: {
      text: `Serve net/http/pprof from a listener of its own on 127.0.0.1:${port}, apart from the public mux, or let a NetworkPolicy admit only those who profile.`,
    },
  };
}

/** The handlers have no authentication, and `profile` and `trace` run as long as they are told to (Go net/http/pprof, 1.27). */
export const pprofExposed: Rule = {
  id: 'PprofExposed',
  title: 'Profiling handlers answer beyond loopback',
  about: {
    meaning:
      'The handlers of `net/http/pprof` ask for no password. They show the command line and the memory profile, and whoever asks for a CPU profile or a trace decides how long it runs. Importing the package is enough to serve them from the default mux, next to everything else.',
    firesWhen: 'the pprof index answered the agent, and the socket listens on a wildcard or an address beyond loopback',
    severity: '`info`',
    change: 'a listener of its own on loopback, or a NetworkPolicy',
    silentWhen: 'the program does not contain `net/http/pprof`; pprof answers on loopback only',
    unknownWhen: 'the program contains `net/http/pprof` and no endpoint answered, or the executable could not be read',
    sources: ['Go 1.27 `net/http/pprof` (`init`, `Profile`, `Trace`)'],
  },
  subject: 'process',
  detect,
};
