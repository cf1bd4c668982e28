import { PbfReader } from 'pbf';

/** Where each message of a pprof profile starts and ends. Nothing is decoded before it is needed. */
export interface ProfileIndex {
  readonly bytes: Uint8Array;
  /** Value types (field 1), samples (2) and strings (6) in order; locations (4) and functions (5) by id. */
  readonly sampleTypes: readonly Range[];
  readonly samples: readonly Range[];
  readonly strings: readonly Range[];
  readonly locations: ReadonlyMap<number, Range>;
  readonly functions: ReadonlyMap<number, Range>;
}

/** Bytes [start, end) of the profile. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const VARINT = 0;
const BYTES = 2;
const MAX_MESSAGES = 300_000;
/** A location holds one short message for each call inlined there; this is room for some hundreds. */
const MAX_LOCATION_BYTES = 4096;

/** Thrown inside this room's profile parser and caught by it: the bytes are no profile. */
export class BrokenProfile extends Error {}

/**
 * Goes once through the top level of a profile. Throws {@link BrokenProfile} when it is cut off, has over 300,000 messages
 * of one kind, or a location of over 4 KiB.
 * Source: google/pprof proto/profile.proto.
 */
export function indexProfile(bytes: Uint8Array): ProfileIndex {
  const sampleTypes: Range[] = [];
  const samples: Range[] = [];
  const strings: Range[] = [];
  const locations = new Map<number, Range>();
  const functions = new Map<number, Range>();
  eachField(bytes, { start: 0, end: bytes.length }, (field, reader, end) => {
    if (field === 1) add(sampleTypes, rangeOf(reader, end));
    else if (field === 2) add(samples, rangeOf(reader, end));
    else if (field === 6) add(strings, rangeOf(reader, end));
    else if (field === 4 || field === 5) {
      const range = rangeOf(reader, end);
      const byId = field === 4 ? locations : functions;
      const tooLong = field === 4 && range.end - range.start > MAX_LOCATION_BYTES;
      if (tooLong || byId.size >= MAX_MESSAGES) throw new BrokenProfile('too many messages, or one too long');
      byId.set(firstNumber(bytes, range, 1) ?? 0, range);
    }
  });
  return { bytes, sampleTypes, samples, strings, locations, functions };
}

/** Calls `visit` for each field of a message; a field that is not read is passed over. Throws when a field leaves the message. */
export function eachField(
  bytes: Uint8Array,
  range: Range,
  visit: (field: number, reader: PbfReader, end: number) => void,
): void {
  const reader = new PbfReader(bytes.subarray(0, range.end));
  reader.pos = range.start;
  for (let field = reader.nextField(range.end); field !== 0; field = reader.nextField(range.end)) {
    visit(field, reader, range.end);
    if (reader.pos > range.end) throw new BrokenProfile('a field is cut off');
  }
  if (reader.pos !== range.end) throw new BrokenProfile('a message does not end where it should');
}

/** The range of a message or string field at the reader, which moves behind it. */
export function rangeOf(reader: PbfReader, limit: number): Range {
  if (reader.type !== BYTES) throw new BrokenProfile('a message was expected');
  const length = reader.readVarint();
  const start = reader.pos;
  if (start + length > limit) throw new BrokenProfile('a message is cut off');
  reader.pos = start + length;
  return { start, end: reader.pos };
}

/** The number at the reader. Throws when the field is of another type. */
export function numberAt(reader: PbfReader, signed = false): number {
  if (reader.type !== VARINT) throw new BrokenProfile('a number was expected');
  return reader.readVarint(signed);
}

/** Numbers of a repeated field, packed or not, handed to `take` one by one. */
export function numbersAt(reader: PbfReader, limit: number, signed: boolean, take: (value: number) => void): void {
  if (reader.type !== BYTES) {
    take(numberAt(reader, signed));
    return;
  }
  const { start, end } = rangeOf(reader, limit);
  reader.pos = start;
  while (reader.pos < end) take(reader.readVarint(signed));
  if (reader.pos !== end) throw new BrokenProfile('a list is cut off');
}

function firstNumber(bytes: Uint8Array, range: Range, wanted: number): number | undefined {
  let value: number | undefined;
  eachField(bytes, range, (field, reader) => {
    if (field === wanted) value = numberAt(reader);
  });
  return value;
}

function add(list: Range[], range: Range): void {
  if (list.length >= MAX_MESSAGES) throw new BrokenProfile('too many messages');
  list.push(range);
}
