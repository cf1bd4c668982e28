import type { Command } from 'commander';
import { guarded, type ProgramIo } from '../program-io.ts';

/** Adds `cgopher explain`: its flags, and what they start. */
export function addExplain(cgopher: Command, io: ProgramIo): void {
  cgopher
    .command('explain')
    .description('say what a rule means, when it fires and what to change; without a rule, list all')
    .argument('[rule]', 'id of a rule')
    .action(async (rule: string | undefined) => {
      await guarded(io, async () => {
        const { explain } = await import('../explain.ts');
        io.out(explain(rule, io.terminal));
      });
    });
}
