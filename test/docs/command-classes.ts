import { read } from './pages.ts';
import { type ShellCommand, simpleCommands } from './shell-commands.ts';

/** What a command needs that a test does not have; a page says it with `<!-- needs: ... -->` before a block, where no rule below knows. */
export const NEEDS = [
  'cluster',
  'node',
  'docker',
  'jq',
  'own program',
  'git',
  'terminal',
  'guest',
  'release',
  'time',
] as const;
export type Need = (typeof NEEDS)[number];

/** Who runs a command: a test of this project, or nobody here, and why. */
export type CommandClass =
  | { readonly kind: 'run'; readonly by: Runner }
  | { readonly kind: 'needs'; readonly what: Need };
type Runner = 'test/docs/commands-run.test.ts' | 'test/proof/install.test.ts' | 'test/deploy' | '.ci/test.mjs';

const run = (by: Runner): CommandClass => ({ kind: 'run', by });
const needs = (what: Need): CommandClass => ({ kind: 'needs', what });

/** Programs that look at or change a real node. */
const OF_A_NODE =
  /^(?:systemctl|sysctl|journalctl|chronyc|timedatectl|grubby|prlimit|nsenter|lscpu|mount|modprobe|ctr|crictl|update-grub|dmesg|setcap|getcap)$/;
/** Of a real node: not what is said of one. */
const PATH_OF_A_NODE = /(?:^|[\s"'>])\/(?:proc|sys|etc|run|var|host)\//;
/** What only makes another shape of the input or the output of something else. */
const FILTER = /^(?:grep|awk|sed|sort|uniq|head|tail|jq|gunzip|zcat|wc|tee|xargs|cut|tr|sleep|true|column|less)$/;

/** The first that fits counts. Variables and `sudo` in front are gone by then. */
const RULES: readonly (readonly [fits: (command: string, program: string) => boolean, CommandClass])[] = [
  [isCgopher, run('test/docs/commands-run.test.ts')],
  [(command) => /^curl .*\blocalhost:10119(?:\/|\s|$)/.test(command), run('test/docs/commands-run.test.ts')],
  [(command) => /^npm (?:ci|start|run build)$/.test(command), run('test/proof/install.test.ts')],
  [isPartOfTheTests, run('.ci/test.mjs')],
  [(command) => /^npm (?:ci --omit|pkg|sbom|pack|version) ?/.test(command), needs('release')],
  // Measured by hand: it takes long, or its figures are for a page.
  [(command) => scriptOf(command) !== undefined, needs('time')],
  [(command) => /^(?:kubectl kustomize|helm (?:lint|template)) /.test(command), run('test/deploy')],
  [(_, program) => /^(?:promtool|amtool)$/.test(program), run('test/deploy')],
  [(_, program) => /^(?:kubectl|helm)$/.test(program), needs('cluster')],
  [(_, program) => /^(?:docker|podman|buildah|crane|cosign)$/.test(program), needs('docker')],
  [(_, program) => program === 'git', needs('git')],
  [(_, program) => /^(?:go|gofmt)$/.test(program), needs('own program')],
  [(_, program) => OF_A_NODE.test(program), needs('node')],
  [(command) => PATH_OF_A_NODE.test(command), needs('node')],
  [(command) => /^jq .*\.json$/.test(command), needs('jq')],
];

/** `cgopher ...` or the bundle run with node, with or without flags of node. */
export function isCgopher(command: string): boolean {
  return /^(?:cgopher|node(?: --[\w-]+(?:=\S+)?)* dist\/cgopher\.mjs)(?: |$)/.test(command);
}

/** `npm test`, or one of its parts: with a variable that makes it write what it otherwise compares, it is the same. */
function isPartOfTheTests(command: string): boolean {
  const parts = read('.ci/test.mjs');
  const script = scriptOf(command);
  const config = /^npx vitest run --config (\S+)/.exec(command)?.[1];
  return (
    command === 'npm test' ||
    (script !== undefined && parts.includes(`['${script}', `)) ||
    (config !== undefined && parts.includes(`'${config}'`))
  );
}

/** The npm script of a command; undefined when it is none, or not of this project. */
function scriptOf(command: string): string | undefined {
  const name = /^npm run ([\w:]+)(?: -- .*)?$/.exec(command)?.[1];
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  return name !== undefined && name in scripts ? name : undefined;
}

/** The command without what stands before the program: variables and sudo. */
export function bare(command: string): string {
  return command.replace(/^(?:(?:[A-Z][A-Z0-9_]*=(?:"[^"]*"|'[^']*'|\S*)|sudo)\s*)*/, '');
}

/** The classes of a line's commands; undefined for one that no rule knows. Filters are as what they stand in a line with. */
export function classesOf({ text, needs: said }: ShellCommand): readonly (CommandClass | undefined)[] {
  if (said !== undefined) return [isNeed(said) ? needs(said) : undefined];
  const found = simpleCommands(text).map((command) => {
    const rest = bare(command);
    const program = rest.split(/\s/)[0] ?? '';
    return { rest, program, class: RULES.find(([fits]) => fits(rest, program))?.[1] };
  });
  const someKnown = found.some((one) => one.class !== undefined);
  return found
    .filter(({ rest, program, class: known }) => {
      const follows = rest === '' || (FILTER.test(program) && someKnown);
      return known !== undefined || !follows;
    })
    .map((one) => one.class);
}

function isNeed(text: string): text is Need {
  return (NEEDS as readonly string[]).includes(text);
}
