import { goProgram } from './go-program.ts';
import { runOnce, type Said } from './helm.ts';

/** Builds the kustomization in a folder. */
export type Kustomize = (folder: string) => Promise<Said>;

/** The real kustomize, which `kubectl apply -k` has in it; undefined when it is not to be had ({@link goProgram}). */
export async function realKustomize(): Promise<Kustomize | undefined> {
  const program = await goProgram({
    name: 'kustomize',
    source: 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.1',
    minimumGo: '1.24',
  });
  if (program === undefined) return undefined;
  return (folder) => runOnce(program, ['build', folder]);
}
