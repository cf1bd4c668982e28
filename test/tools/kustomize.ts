import { type GoProgram, goProgram } from './go-program.ts';
import { runOnce, type Said } from './helm.ts';

/** Builds the kustomization in a folder. */
export type Kustomize = (folder: string) => Promise<Said>;

export const KUSTOMIZE: GoProgram = {
  name: 'kustomize',
  source: 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.1',
  minimumGo: '1.24',
};

/**
 * The real kustomize, which `kubectl apply -k` has in it, with `exact` of just the version in {@link KUSTOMIZE}; undefined when it is not there
 * ({@link goProgram}).
 */
export async function realKustomize(exact = false): Promise<Kustomize | undefined> {
  const program = await goProgram(KUSTOMIZE, exact);
  if (program === undefined) return undefined;
  return (folder) => runOnce(program, ['build', folder]);
}
