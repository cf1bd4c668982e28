import { debianProgram } from './debian-program.ts';

/** Where `amtool` or Alertmanager itself, as Debian calls it, is; undefined when it is not to be had ({@link debianProgram}). */
export function alertmanagerProgram(name: 'amtool' | 'prometheus-alertmanager'): string | undefined {
  return debianProgram('prometheus-alertmanager', name);
}
