import type { ElfFile, ElfRange } from '../elf.ts';
import { u32At } from './little-endian.ts';

const MAX_NOTE_BYTES = 64 * 1024;
const MAX_ID_BYTES = 256;
const GO_BUILD_ID = 4;

/** The Go build ID, which every copy of one executable shares. undefined: no such note. Source: Go cmd/internal/buildid/note.go. */
export function readBuildId(elf: ElfFile): string | undefined {
  const section = elf.sections.find(({ name }) => name === '.note.go.buildid');
  for (const range of section === undefined ? elf.notes : [section, ...elf.notes]) {
    const id = search(elf, range);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** Notes follow each other: three sizes and types, a name and a body, both padded to four bytes. */
function search(elf: ElfFile, range: ElfRange): string | undefined {
  const notes = elf.read(range.offset, Math.min(range.size, MAX_NOTE_BYTES));
  for (let at = 0; notes !== undefined && at + 12 <= notes.length; ) {
    const [nameSize, bodySize, type] = [u32At(notes, at), u32At(notes, at + 4), u32At(notes, at + 8)];
    const body = at + 12 + padded(nameSize);
    const next = body + padded(bodySize);
    if (next > notes.length + 3) return undefined;
    const isGo = nameSize === 4 && notes.toString('latin1', at + 12, at + 16) === 'Go\0\0';
    if (isGo && type === GO_BUILD_ID && bodySize > 0 && bodySize <= MAX_ID_BYTES)
      return notes.toString('latin1', body, body + bodySize);
    at = next;
  }
  return undefined;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
