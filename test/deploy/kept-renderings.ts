import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type GoProgram, versionOf } from '../tools/go-program.ts';
import type { Said } from '../tools/helm.ts';
import { ROOT } from './committed.ts';
import { documentsOf, type Manifest } from './manifest-documents.ts';
import { keptText, wholeDocuments } from './rendering-text.ts';

/** Renderings are written anew, by just the version of the tool that is named in test/tools. */
export const RENDER_ANEW = process.env['UPDATE_DEPLOY'] === '1';

const HOW =
  'run `UPDATE_DEPLOY=1 CGOPHER_TOOLS=build npx vitest run --config .config/vitest.config.ts test/deploy/chart-render.test.ts test/deploy/manifests.test.ts`';

/** What a rendering is made of. */
export interface RenderingInputs {
  /** Folders, relative to the project's folder: all files in them count. */
  readonly paths: readonly string[];
  /** Values, words of the command, and what else counts. */
  readonly words: unknown;
}

/** What `inputs.json` says of one case. */
interface Origin {
  readonly sha256: string;
  /** The version of the tool: `v3.22.0`. */
  readonly version: string;
}

/**
 * What a tool made of each case, kept in `test/deploy/rendered/TOOL/CASE.yaml`, and what it was made of in `inputs.json` beside it. A rendering whose inputs
 * changed since is refused. Where the tool is there, what it says now is compared.
 */
export class KeptRenderings {
  readonly #tool: GoProgram;
  readonly #root: string;
  readonly #anew: boolean;
  readonly #folder: string;
  readonly #asked = new Set<string>();

  /** `root` is the project's folder with a slash at its end; with `anew` what a tool says is kept. */
  constructor(tool: GoProgram, root = ROOT, anew = RENDER_ANEW) {
    this.#tool = tool;
    this.#root = root;
    this.#anew = anew;
    this.#folder = `test/deploy/rendered/${tool.name}/`;
  }

  /** The documents kept for a case. `render` runs the tool: undefined without one. */
  async documents(
    name: string,
    inputs: RenderingInputs,
    render: (() => Promise<Said>) | undefined,
  ): Promise<Manifest[]> {
    expect(this.#asked, `two cases are called ${name}`).not.toContain(name);
    this.#asked.add(name);
    const files = filesOf(this.#root, inputs.paths);
    const origin: Origin = { sha256: digest(files, inputs.words), version: versionOf(this.#tool) };
    let fresh: Manifest[] | undefined;
    if (render !== undefined) {
      const said = await render();
      expect(said, said.err).toMatchObject({ ok: true, err: '' });
      fresh = documentsOf(said.out);
      if (this.#anew) this.#keep(name, origin, keptText(fresh, files));
    }
    const path = `${this.#folder}${name}.yaml`;
    expect(existsSync(this.#root + path), `${path} is not there: ${HOW}`).toBe(true);
    expect(
      this.#origins()[name],
      `${path} was made of other files or values, or by another version of ${this.#tool.name}: ${HOW}`,
    ).toEqual(origin);
    const kept = wholeDocuments(readFileSync(this.#root + path, 'utf8'), files);
    if (fresh !== undefined) expect(fresh, `${this.#tool.name} says now what ${path} does not: ${HOW}`).toEqual(kept);
    return kept;
  }

  /** Compares what is kept with what was asked for: to be called after all cases. */
  expectNothingBesides(): void {
    const asked = [...this.#asked].sort();
    const there = readdirSync(this.#root + this.#folder).filter((name) => name !== 'inputs.json');
    expect(there.sort(), `remove from ${this.#folder} what no test asks for`).toEqual(
      asked.map((name) => `${name}.yaml`).sort(),
    );
    expect(Object.keys(this.#origins()).sort(), `remove from ${this.#folder}inputs.json what no test asks for`).toEqual(
      asked,
    );
  }

  #origins(): Readonly<Record<string, Origin>> {
    const path = `${this.#root}${this.#folder}inputs.json`;
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Origin>) : {};
  }

  #keep(name: string, origin: Origin, text: string): void {
    mkdirSync(this.#root + this.#folder, { recursive: true });
    writeFileSync(`${this.#root}${this.#folder}${name}.yaml`, text);
    const origins = Object.entries({ ...this.#origins(), [name]: origin }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(
      `${this.#root}${this.#folder}inputs.json`,
      `${JSON.stringify(Object.fromEntries(origins), null, 2)}\n`,
    );
  }
}

/** The files under some paths, by their names in the project. */
function filesOf(root: string, paths: readonly string[]): ReadonlyMap<string, string> {
  const names = paths.flatMap((path) =>
    readdirSync(root + path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [`${entry.parentPath}/${entry.name}`.slice(root.length)] : [],
    ),
  );
  return new Map(names.sort().map((name) => [name, readFileSync(root + name, 'utf8')]));
}

/** The SHA-256 of names, contents and words, in hex. */
function digest(files: ReadonlyMap<string, string>, words: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([[...files], words]))
    .digest('hex');
}
