import {
  fits,
  gomaxprocsPatch,
  isIdle,
  isSetElsewhere,
  leafLimitFits,
  procsAgainstLimit,
  throttlingEvidence,
} from './gomaxprocs-limit.ts';
import type { ProcessContext, Rule, Verdict } from './types.ts';
import { clear, unknown } from './verdict.ts';

function detect(context: ProcessContext): Verdict {
  const { process } = context;
  const expected = process.expectedGomaxprocs;
  if (process.goMinor < 25) return clear(`${process.goVersion} has no container-aware GOMAXPROCS (Go 1.25 brought it)`);
  if (expected.containerAware === undefined)
    return unknown(...(expected.missing.length > 0 ? expected.missing : ['whether containermaxprocs is on']));
  if (expected.containerAware) return clear('the runtime follows the CPU limit');
  if (expected.offBecause === 'env-gomaxprocs') return clear(expected.reason);
  const facts = procsAgainstLimit(process);
  if ('verdict' in facts) return facts.verdict;
  if (facts.procs <= facts.fitting)
    return fits(facts, `switched off, but GOMAXPROCS ${facts.procs} fits the limit all the same`);
  if (isSetElsewhere(process))
    return clear(
      `switched off, but GOMAXPROCS ${facts.procs} is not the runtime's own choice: see GomaxprocsAboveCpuLimit`,
      facts.evidence,
    );
  const helps = leafLimitFits(process, facts);
  if (helps === undefined) return unknown('cpu.max of the process’s own cgroup');
  if (!helps)
    return clear(
      'switched off, but switched on it would not see the limit either, which is set above its own cgroup: see GomaxprocsAboveCpuLimit',
      facts.evidence,
    );
  const byGodebug = expected.offBecause === 'godebug-env';
  return {
    outcome: 'holds',
    severity: isIdle(context, facts) ? 'info' : 'warning',
    summary: `${process.goVersion} could follow the CPU limit by itself, but containermaxprocs is off: ${expected.reason}`,
    evidence: [
      ...facts.evidence,
      {
        signal: 'containermaxprocs',
        value: 0,
        unit: '',
        source: byGodebug ? 'environment: GODEBUG' : 'build: DefaultGODEBUG',
      },
      ...throttlingEvidence(context, facts),
    ],
    remedy: byGodebug
      ? {
          text: `Remove containermaxprocs=0 from GODEBUG. Until then set GOMAXPROCS=${facts.fitting}.`,
          patch: gomaxprocsPatch(facts.fitting),
        }
      : {
          text: `Set \`go 1.25\` (or newer) in the main module's go.mod and build again; where a godebug line says containermaxprocs=0, remove that. Until then set GOMAXPROCS=${facts.fitting}.`,
          patch: { kind: 'go.mod', set: { go: '1.25' } },
        },
  };
}

/**
 * Go >= 1.25 with containermaxprocs=0 (internal/godebugs/table.go: default 0 when the main module's go line is below 1.25) and
 * a limit it would have followed. A GOMAXPROCS in the environment is a decision, not an oversight.
 */
export const gomaxprocsNotContainerAware: Rule = {
  id: 'GomaxprocsNotContainerAware',
  title: 'The Go runtime could follow the CPU limit but was built or told not to',
  about: {
    meaning:
      "Go 1.25 and newer take GOMAXPROCS from the CPU limit. `containermaxprocs=0` turns that off. It is the default when the main module's `go` line is below 1.25, whatever toolchain builds it, and it can be set in GODEBUG.",
    firesWhen:
      "Go is 1.25 or newer, `containermaxprocs` is off, GOMAXPROCS > fitting, and the limit in the process's own cgroup would give a value that fits",
    severity: '`warning`; `info` when the container uses less than a tenth of its limit',
    change:
      '`go 1.25` in go.mod and a new build, without a `godebug` line that says `containermaxprocs=0`; or that setting removed from GODEBUG. Until then GOMAXPROCS = fitting',
    silentWhen:
      "GOMAXPROCS is set in the environment (a decision, not an oversight); the program links go.uber.org/automaxprocs; GOMAXPROCS fits all the same, or was set by a call; the limit is set above the process's own cgroup, where the runtime would not look either; there is no CPU limit",
    unknownWhen:
      'the environment could not be read, so GOMAXPROCS or GODEBUG in it could decide; `cpu.max` of a level could not be read',
    sources: [
      'Go 1.25 `internal/godebugs/table.go` (`containermaxprocs`, `Changed: 25, Old: "0"`)',
      'Go 1.25 `runtime/cgroup_linux.go`',
      '`DefaultGODEBUG` in the build info',
    ],
  },
  subject: 'process',
  detect,
};
