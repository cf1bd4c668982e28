// A DWARF 4 and 5 reader for what the offset tables need from Go executables: struct layouts, integer constants and the
// addresses of package variables. Little-endian, 32-bit DWARF, addresses of 64 bits. Source: DWARF 4 and 5, chapter 7.

const TAG = { 0x01: 'array', 0x0d: 'member', 0x0f: 'pointer', 0x13: 'struct', 0x16: 'typedef', 0x21: 'subrange' };
Object.assign(TAG, { 0x24: 'base', 0x27: 'constant', 0x34: 'variable' });
const AT = { 0x02: 'location', 0x03: 'name', 0x0b: 'byteSize', 0x1c: 'constValue', 0x22: 'count', 0x25: 'producer' };
Object.assign(AT, { 0x2f: 'upperBound', 0x37: 'count', 0x38: 'memberLocation', 0x49: 'type', 0x73: 'addrBase' });

class Cursor {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  u(size) {
    const value = size === 8 ? Number(this.bytes.readBigUInt64LE(this.at)) : this.bytes.readUIntLE(this.at, size);
    this.at += size;
    return value;
  }
  uleb() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
    throw new Error('LEB128 of more than 10 bytes');
  }
  sleb() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(byte & 0x40 ? value - (1n << (shift + 7n)) : value);
    }
    throw new Error('LEB128 of more than 10 bytes');
  }
  block(length) {
    this.at += length;
    if (this.at > this.bytes.length) throw new Error('block reaches beyond its section');
    return this.bytes.subarray(this.at - length, this.at);
  }
  text() {
    const end = this.bytes.indexOf(0, this.at);
    const value = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return value;
  }
}

const FIXED = { 0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x17: 4, 0x20: 8 };
Object.assign(FIXED, { 0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4, 0x29: 1, 0x2a: 2, 0x2b: 3, 0x2c: 4 });
const REFERENCE = { 0x11: 1, 0x12: 2, 0x13: 4, 0x14: 8 };

function value(form, implicit, cursor, unit, sections) {
  if (form in FIXED) return cursor.u(FIXED[form]);
  if (form in REFERENCE) return unit.start + cursor.u(REFERENCE[form]);
  switch (form) {
    case 0x01: // addr
      return cursor.u(unit.addressSize);
    case 0x03: // block2
      return cursor.block(cursor.u(2));
    case 0x04: // block4
      return cursor.block(cursor.u(4));
    case 0x08: // string
      return cursor.text();
    case 0x09: // block
    case 0x18: // exprloc
      return cursor.block(cursor.uleb());
    case 0x0a: // block1
      return cursor.block(cursor.u(1));
    case 0x0d: // sdata
      return cursor.sleb();
    case 0x0e: // strp
      return new Cursor(sections.get('.debug_str'), cursor.u(4)).text();
    case 0x0f: // udata
    case 0x1a: // strx
    case 0x1b: // addrx
    case 0x22: // loclistx
    case 0x23: // rnglistx
      return cursor.uleb();
    case 0x10: // ref_addr
      return cursor.u(4);
    case 0x15: // ref_udata
      return unit.start + cursor.uleb();
    case 0x19: // flag_present
      return true;
    case 0x1e: // data16
      return cursor.block(16);
    case 0x1f: // line_strp
      return new Cursor(sections.get('.debug_line_str'), cursor.u(4)).text();
    case 0x21: // implicit_const
      return implicit;
    default:
      throw new Error(`DWARF form 0x${form.toString(16)}`);
  }
}

function abbreviations(bytes, offset) {
  const cursor = new Cursor(bytes, offset);
  const table = new Map();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const entry = { tag: TAG[cursor.uleb()], children: cursor.u(1) === 1, attributes: [] };
    for (;;) {
      const [at, form] = [cursor.uleb(), cursor.uleb()];
      const implicit = form === 0x21 ? cursor.sleb() : undefined;
      if (at === 0 && form === 0) break;
      entry.attributes.push({ name: AT[at], form, implicit });
    }
    table.set(code, entry);
  }
  return table;
}

/** offset -> { tag, name, byteSize, type, count, location, ..., children }. Only entries with a tag of TAG are kept. */
export function readEntries(sections) {
  const info = new Cursor(sections.get('.debug_info') ?? Buffer.alloc(0));
  const entries = new Map();
  while (info.at < info.bytes.length) {
    const unit = { start: info.at };
    const end = info.u(4) + info.at;
    const version = info.u(2);
    if (version !== 4 && version !== 5) throw new Error(`DWARF version ${version}`);
    if (version === 5 && info.u(1) !== 1) throw new Error('a unit that is not DW_UT_compile');
    const late = version === 5 ? [info.u(1), info.u(4)] : undefined;
    const [addressSize, abbrev] = late ?? [info.u(4), info.u(1)].reverse();
    unit.addressSize = addressSize;
    const table = abbreviations(sections.get('.debug_abbrev'), abbrev);
    const parents = [];
    while (info.at < end) {
      const offset = info.at;
      const code = info.uleb();
      if (code === 0) {
        parents.pop();
        continue;
      }
      const abbreviation = table.get(code);
      if (abbreviation === undefined) throw new Error(`abbreviation ${code} is not in the table`);
      const entry = { tag: abbreviation.tag, unit, children: [] };
      for (const { name, form, implicit } of abbreviation.attributes) {
        const found = value(form, implicit, info, unit, sections);
        if (name !== undefined) entry[name] = found;
      }
      if (entry.addrBase !== undefined) unit.addrBase = entry.addrBase;
      if (entry.tag !== undefined) {
        entries.set(offset, entry);
        parents.at(-1)?.children.push(entry);
      }
      if (abbreviation.children) parents.push(entry);
    }
  }
  return entries;
}

/** The address of a variable whose location is DW_OP_addr or DW_OP_addrx, which is all Go uses for package variables. */
export function addressOf(entry, sections) {
  const { location, unit } = entry;
  if (location?.[0] === 0x03) return Number(location.readBigUInt64LE(1));
  if (location?.[0] !== 0xa1) return undefined;
  const index = new Cursor(location, 1).uleb();
  const at = (unit.addrBase ?? 8) + index * unit.addressSize;
  return new Cursor(sections.get('.debug_addr'), at).u(unit.addressSize);
}
