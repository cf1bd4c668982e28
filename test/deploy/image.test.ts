import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { baseDocuments } from '../../deploy/source/manifests/files.ts';
import { program } from '../../src/cli/program.ts';
import { blocks, read } from '../docs/pages.ts';
import { ROOT } from './committed.ts';
import { agentOf, documentsOf, type Manifest } from './manifest-documents.ts';

const run = promisify(execFile);
const page = read('docs/deployment.md');
const base = baseDocuments() as readonly Manifest[];

/** The one shell example that has these words in it. */
function example(words: string): string {
  const found = blocks(page, 'sh').filter((block) => block.includes(words));
  expect(found, words).toHaveLength(1);
  return found[0] ?? '';
}

it('the page lists what the image holds', () => {
  const copied = /^COPY --from=build (.*) \/app\/$/m.exec(read('Dockerfile'))?.[1]?.split(' ') ?? [];
  expect(copied).toHaveLength(4);
  const listed = page.slice(page.indexOf('| In the image |'), page.indexOf('It runs as user'));
  const names = [...listed.matchAll(/`\/app\/([\w.-]+)`/g)].map(([, name]) => name);
  expect(names.sort()).toEqual(copied.map((path) => path.split('/').at(-1)).sort());
});

it('the page lists every component', () => {
  const listed = page.slice(page.indexOf('| Component |'), page.indexOf('**With one file**'));
  const names = [...listed.matchAll(/`([a-z0-9-]+)`(?=,| \|)/g)].map(([, name]) => name);
  expect(names.filter((name) => name !== 'monitoring').sort()).toEqual(
    readdirSync(`${ROOT}deploy/manifests/components`).sort(),
  );
});

it('the pages show the security context that is installed', () => {
  const { pod, container } = agentOf(base);
  const [shown] = blocks(read('docs/running.md'), 'yaml').map(
    (block) => parse(block) as { spec?: { containers: { args: string[] }[] } },
  );
  const [part] = shown?.spec?.containers ?? [];
  const { args, ...rest } = part ?? { args: [] };
  expect(pod).toMatchObject({ hostPID: true });
  expect(container.args).toEqual(expect.arrayContaining(args));
  expect(Object.keys(rest).sort()).toEqual(['name', 'securityContext', 'volumeMounts']);
  const { volumeMounts, ...others } = rest as { volumeMounts?: unknown[] };
  expect(container).toMatchObject(others);
  expect(container.volumeMounts).toEqual(expect.arrayContaining(volumeMounts ?? ['none shown']));
});

it('the flags in manifests and chart are flags of the agent', () => {
  const ignore = (): void => undefined;
  const { commands } = program({
    out: ignore,
    err: ignore,
    terminal: { columns: 80, color: false },
    stopped: new Promise(ignore),
    exit: ignore,
  });
  const known = commands.find((command) => command.name() === 'agent')?.options.map(({ long }) => long) ?? [];
  const texts = [read('deploy/manifests/install.yaml'), read('deploy/helm/cgopher/templates/daemonset.yaml')];
  const [ours, chart] = texts.map((text) => [...text.matchAll(/- (--[a-z]+\.[a-z.-]+)=/g)].map(([, flag]) => flag));
  expect(ours).toHaveLength(4);
  expect(chart).toEqual([...(ours ?? []), '--web.telemetry-path', '--web.config.file']);
  for (const flag of chart ?? []) expect(known).toContain(flag);
});

it('the page has the sizes that are installed', () => {
  const { resources, command } = agentOf(base).container;
  const sizing = page.slice(page.indexOf('## Sizing'));
  expect(sizing).toContain(`| request, CPU | \`${String(resources?.requests?.['cpu'])}\` |`);
  expect(sizing).toContain(`| request, memory | \`${String(resources?.requests?.['memory'])}\` |`);
  expect(sizing).toContain(`| limit, memory | \`${String(resources?.limits?.['memory'])}\` |`);
  const heap = /=(\d+)$/.exec(command?.find((word) => word.startsWith('--max-old-space-size')) ?? '')?.[1] ?? 'none';
  expect(sizing).toContain(`45 % of the memory limit: ${heap} MiB`);
});

it('the command for one file puts the image of somebody else in place', async () => {
  const command = example('install.yaml | kubectl apply').replace(/\| kubectl.*/, '');
  const { stdout } = await run('sh', ['-c', command], { cwd: ROOT });
  expect(agentOf(documentsOf(stdout)).container.image).toBe('registry.example.net/cgopher:0.1.0');
  expect(stdout).not.toContain('registry.example.com');
});

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly { readonly name: string; readonly version: string }[];
}

it('the commands for the bill of materials list every package of the bundle, and none of development', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cgopher-bill-'));
  try {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(ROOT + name, join(folder, name));
    await run('sh', ['-e', '-c', example('npm sbom')], {
      cwd: folder,
      env: { ...process.env, npm_config_prefer_offline: 'true' },
      timeout: 180_000,
    });
    const bill = JSON.parse(readFileSync(join(folder, 'sbom/cgopher.cdx.json'), 'utf8')) as Bill;
    expect(bill.bomFormat).toBe('CycloneDX');
    const listed = Object.fromEntries(bill.components.map(({ name, version }) => [name, version]));
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Readonly<
      Record<string, Record<string, string>>
    >;
    expect(listed).toMatchObject(dependencies ?? {});
    for (const name of Object.keys(devDependencies ?? {})) expect(listed, name).not.toHaveProperty([name]);
    const locked = JSON.parse(read('package-lock.json')) as {
      readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly version: string }>>;
    };
    const runtime = Object.entries(locked.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
    expect(bill.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      runtime.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`).sort(),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 240_000);
