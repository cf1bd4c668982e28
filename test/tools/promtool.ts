import { debianProgram } from './debian-program.ts';

/** Where `promtool` or `prometheus` is; undefined when it is not to be had ({@link debianProgram}). */
export function prometheusProgram(name: 'promtool' | 'prometheus'): string | undefined {
  return debianProgram('prometheus', name);
}
