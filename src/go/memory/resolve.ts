import { found, missed, type Reading } from '../../base/reading.ts';
import type { ReadAt } from '../../io/random-access.ts';
import { readBuildInfo } from '../build-info.ts';
import { readElf } from '../elf.ts';
import type { GoVersion } from '../types.ts';
import { readBuildId } from './build-id.ts';
import { decodeVariables } from './decoded-variables.ts';
import { readNamedVariables, withDecoded } from './named-variables.ts';
import type { Architecture, RuntimeAddresses } from './types.ts';

const READER = 'runtime_addresses';
const ET_DYN = 3;
const ARCHITECTURES: Readonly<Record<number, Architecture>> = { 62: 'amd64', 183: 'arm64' };
const OLDEST_MINOR = 17;
const PAGE = 4096;
/** Sections that tell a Go program without build information. */
const GO_SECTIONS = new Set(['.gopclntab', '.data.rel.ro.gopclntab', '.note.go.buildid']);

/**
 * Where the Go runtime of an executable of `size` bytes keeps its variables: by its symbol table, or from the machine code of
 * package runtime when it is stripped. `source` names the file in a miss. Yields every few milliseconds of work; needs a few
 * megabytes whatever the size of the file.
 *
 * - `absent`: no Go program.
 * - `unsupported`: a Go program, but 32-bit, big-endian, of another machine than amd64 and arm64, older than Go 1.17, without its
 *   function table (packed or obfuscated), or of a release that cannot be told.
 * - `malformed`: an ELF header that no kernel would load, or build information that leads nowhere.
 */
export function* resolveRuntime(
  readAt: ReadAt,
  size: number,
  source: string,
): Generator<undefined, Reading<RuntimeAddresses>, undefined> {
  const elf = readElf(readAt, size, READER, source);
  if (!elf.ok) return elf;
  const info = readBuildInfo(readAt, size, source);
  const [firstLoad] = elf.value.loads;
  const architecture = ARCHITECTURES[elf.value.machine];
  const unsupported = (detail: string): Reading<never> => missed('unsupported', READER, source, detail);
  if (elf.value.pointerSize !== 8 || elf.value.bigEndian || architecture === undefined || firstLoad === undefined)
    return info.ok ? unsupported('not 64-bit amd64 or arm64') : missed('absent', READER, source, 'not a Go executable');
  const stated = info.ok ? info.value.goVersion : undefined;
  if (stated !== undefined && !isKnown(stated)) return unsupported(tooOld(stated));
  const { sections } = elf.value;
  // Without section headers only the search for a function table can tell.
  if (
    !info.ok &&
    info.miss.kind === 'absent' &&
    sections.length > 0 &&
    !sections.some(({ name }) => GO_SECTIONS.has(name))
  )
    return missed('absent', READER, source, 'not a Go executable');
  const decoded = yield* decodeVariables(elf.value, size, architecture, stated);
  const goVersion = stated ?? decoded?.goVersion;
  if (goVersion === undefined)
    return info.ok || info.miss.kind === 'absent'
      ? missed('absent', READER, source, 'not a Go executable')
      : missed(info.miss.kind, READER, source, info.miss.detail);
  if (!isKnown(goVersion)) return unsupported(tooOld(goVersion));
  const named = yield* readNamedVariables(elf.value);
  const variables = named === undefined ? decoded?.variables : withDecoded(named, decoded?.variables);
  if (variables === undefined) return unsupported('no whole function table');
  return found({
    goVersion,
    architecture,
    method: named === undefined ? 'decoded' : 'symbols',
    buildId: readBuildId(elf.value),
    relocatable: elf.value.type === ET_DYN,
    firstLoad: {
      offset: firstLoad.offset - (firstLoad.offset % PAGE),
      address: firstLoad.address - (firstLoad.address % PAGE),
    },
    ...variables,
  });
}

function isKnown(version: GoVersion): boolean {
  return version.major === 1 && version.minor >= OLDEST_MINOR;
}

function tooOld(version: GoVersion): string {
  return `${version.text} is older than Go 1.${OLDEST_MINOR}`;
}
