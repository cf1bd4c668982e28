// Struct layouts, constants and tables of words of package runtime, from the DWARF of an unstripped Go executable that is no PIE.
import { addressOf, readEntries } from './dwarf.mjs';
import { readElf } from './elf.mjs';

const MAX_STRINGS = 256;

/** What the DWARF of a Go executable says of package runtime. */
export class GoRuntime {
  constructor(file) {
    this.elf = readElf(file);
    this.entries = readEntries(this.elf.sections);
    this.named = new Map();
    for (const entry of this.entries.values()) {
      if (entry.name?.startsWith('runtime.')) this.named.set(`${entry.tag} ${entry.name}`, entry);
    }
  }

  struct({ type, fields }) {
    const struct = this.named.get(`struct runtime.${type}`);
    if (struct === undefined) return undefined;
    return { byteSize: struct.byteSize, fields: fields.split(/\s+/).map((path) => [path, this.field(struct, path)]) };
  }

  /** [offset, size] or, of an array, [offset, size of one, count]. */
  field(struct, path) {
    let [offset, type] = [0, struct];
    for (const name of path.split('.')) {
      // cpuStats wrote its fields with a small first letter up to 1.22.
      const member = type.children.find(
        (candidate) => candidate.name === name || candidate.name === decapitalised(name),
      );
      if (member === undefined) return undefined;
      offset += member.memberLocation;
      type = this.resolved(member);
    }
    if (type.tag !== 'array') return [offset, this.sizeOf(type)];
    return [offset, this.sizeOf(this.resolved(type)), lengthOf(type)];
  }

  resolved(entry) {
    let type = this.entries.get(entry.type);
    for (let depth = 0; type?.tag === 'typedef' && depth < 8; depth++) type = this.entries.get(type.type);
    if (type === undefined || type.tag === 'typedef') throw new Error(`${entry.name}: its type is not there`);
    return type;
  }

  sizeOf(type) {
    const size = type.tag === 'pointer' ? 8 : type.byteSize;
    if (!Number.isInteger(size) || size < 1) throw new Error(`${type.name}: no size`);
    return size;
  }

  constant(name) {
    return this.named.get(`constant runtime.${name}`)?.constValue;
  }

  /** The elements of a package variable that is an array of strings. Not for a PIE, whose pointers come with relocation. */
  strings(name) {
    const entry = this.named.get(`variable runtime.${name}`);
    const [address, count] = [addressOf(entry, this.elf.sections), lengthOf(this.resolved(entry))];
    if (count > MAX_STRINGS) throw new Error(`${name}: ${count} strings`);
    return Array.from({ length: count }, (_, i) => {
      const header = this.elf.at(address + 16 * i, 16);
      const [text, length] = [Number(header.readBigUInt64LE(0)), Number(header.readBigUInt64LE(8))];
      return length === 0 ? '' : this.elf.at(text, Math.min(length, 256)).toString('utf8');
    });
  }
}

function decapitalised(name) {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (letters) => letters.toLowerCase());
}

function lengthOf(array) {
  const range = array.children.find((child) => child.tag === 'subrange');
  return range.count ?? range.upperBound + 1;
}
