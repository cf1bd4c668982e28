import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GoProgram, goProgram } from './go-program.ts';

export interface Said {
  readonly ok: boolean;
  readonly out: string;
  /** Errors and warnings. */
  readonly err: string;
}

/** Runs helm with a home of its own, so that no repository or plugin of this machine counts. */
export type Helm = (...words: readonly string[]) => Promise<Said>;

export const HELM: GoProgram = {
  name: 'helm',
  source: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  minimumGo: '1.26',
  // Without them it takes itself for one of Kubernetes 1.20.
  variables: {
    'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
    'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '34',
    'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor': '1',
    'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': '34',
  },
};

/** The real helm, with `exact` of just the version in {@link HELM}; undefined when it is not there ({@link goProgram}). */
export async function realHelm(exact = false): Promise<Helm | undefined> {
  const program = await goProgram(HELM, exact);
  if (program === undefined) return undefined;
  return (...words) => runOnce(program, words);
}

/** Runs a program to its end. */
export function runOnce(program: string, words: readonly string[]): Promise<Said> {
  const home = mkdtempSync(join(tmpdir(), 'cgopher-home-'));
  return new Promise((resolve) => {
    execFile(
      program,
      words,
      { env: { PATH: process.env['PATH'] ?? '', HOME: home }, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => {
        rmSync(home, { recursive: true, force: true });
        resolve({ ok: error === null, out, err: err === '' && error !== null ? error.message : err });
      },
    );
  });
}
