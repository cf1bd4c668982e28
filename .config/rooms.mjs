// Runs dependency-cruiser over src and deploy and fails when a folder rule is broken, or when it looked at nothing:
// a cruiser that cannot read TypeScript reports 0 modules and no violations.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';

const rules = createRequire(import.meta.url)('./dependency-cruiser.cjs');
const folders = ['src', 'deploy'];
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.ts')),
);
const result = await cruise(folders, { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true });
const { violations, totalCruised } = result.output.summary;
const seen = result.output.modules.filter((module) => folders.some((folder) => module.source.startsWith(`${folder}/`)));
const edges = seen.reduce((sum, module) => sum + module.dependencies.length, 0);
for (const violation of violations) {
  console.error(`${violation.rule.name}: ${violation.from} -> ${violation.to}`);
}
console.log(
  `rooms: ${seen.length} of ${sources.length} source files, ${edges} imports, ${totalCruised} modules, ${violations.length} violations`,
);
if (seen.length !== sources.length || (sources.length > 1 && edges === 0)) {
  console.error('rooms: the check did not see every source file, so it proves nothing');
  process.exit(1);
}
process.exit(violations.length === 0 ? 0 : 1);
