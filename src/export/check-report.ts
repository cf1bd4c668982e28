import type { GoProcessModel } from '../model/go-process-types.ts';
import type { NodeModel } from '../model/node-types.ts';
import type { Evaluation } from '../rules/engine.ts';
import type { CheckReport } from './check-schema.ts';

/** Copies data without its undefined fields, as JSON would: what was not read is not there. */
type Defined<T> = T extends readonly (infer U)[]
  ? Defined<U>[]
  : T extends object
    ? { [K in keyof T]: Defined<T[K]> }
    : T;

function defined<T>(value: T): Defined<T> {
  return JSON.parse(JSON.stringify(value)) as Defined<T>;
}

/** One Go process as reports show it. Fields that are not known may be there as undefined, which JSON leaves out. */
export function goProcessReport(process: GoProcessModel): Record<string, unknown> {
  const { containerKey, mainModule, mainVersion, expectedGomaxprocs, ...rest } = process;
  const { value, containerAware, offBecause, setBy, reason, missing } = expectedGomaxprocs;
  return {
    ...rest,
    goMinor: undefined,
    container: containerKey,
    module: mainModule,
    moduleVersion: mainVersion,
    expectedGomaxprocs: { value, containerAware, offBecause, setBy, reason, missing },
  };
}

/** The report of one look at the node: everything seen, everything found, everything missed. */
export function checkReport(model: NodeModel, evaluation: Evaluation, version: string): CheckReport {
  return defined({
    schemaVersion: 1,
    cgopherVersion: version,
    takenAt: new Date(model.at.wallMs).toISOString(),
    windowSeconds: model.windowSeconds,
    node: model.node,
    containers: model.containers,
    goProcesses: model.goProcesses.map(goProcessReport),
    findings: evaluation.findings,
    unknown: evaluation.unjudged,
    misses: model.misses,
  }) as CheckReport;
}

/** Exit status of `check`: 1 when something fires at warning or above, else 0. */
export function checkExitCode(evaluation: Evaluation): 0 | 1 {
  return evaluation.findings.some((finding) => finding.state === 'firing' && finding.severity !== 'info') ? 1 : 0;
}
