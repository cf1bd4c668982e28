import type { Evidence, ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function detect({ process }: ProcessContext): Verdict {
  const { linked, answersAt, beyondLoopback } = process.pprof;
  if (answersAt === undefined) {
    if (linked === false) return clear('net/http/pprof is not in the program');
    const detail = process.endpointDetail === '' ? 'no debug endpoint answered' : process.endpointDetail;
    return unknown(`whether pprof answers, and where (${detail})`);
  }
  const evidence: Evidence[] = [
    { signal: 'pprof index', value: answersAt, unit: '', source: `http://${answersAt}/debug/pprof/` },
  ];
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
  subject: 'process',
  detect,
};
