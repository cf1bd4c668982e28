import { PbfReader } from 'pbf';

const VARINT = 0;
const BYTES = 2;

/** Thrown inside this room's profile parsers and caught by them: the bytes are no profile. */
export class BrokenProfile extends Error {}

/** Whether an error says that the bytes do not decode; pbf says so in plain errors. Any other is a bug and must not be hidden. */
export function isBroken(error: unknown): boolean {
  return (
    error instanceof BrokenProfile ||
    error instanceof RangeError ||
    (error instanceof Error && /^(?:Expected varint|Unimplemented type)/.test(error.message))
  );
}

/**
 * Calls `visit` for each field of one message; a field that is not read is passed over. Throws when a field leaves the message.
 * Source: the protobuf encoding, google/pprof proto/profile.proto.
 */
export function eachField(message: Uint8Array, visit: (field: number, reader: PbfReader) => void): void {
  const reader = new PbfReader(message);
  const end = message.length;
  for (let field = reader.nextField(end); field !== 0; field = reader.nextField(end)) {
    visit(field, reader);
    if (reader.pos > end) throw new BrokenProfile('a field is cut off');
  }
  if (reader.pos !== end) throw new BrokenProfile('a message does not end where it should');
}

/** The message or string at the reader, which moves behind it. A view, not a copy. */
export function bytesAt(reader: PbfReader): Uint8Array {
  if (reader.type !== BYTES) throw new BrokenProfile('a message was expected');
  const length = reader.readVarint();
  const start = reader.pos;
  if (start + length > reader.length) throw new BrokenProfile('a message is cut off');
  reader.pos = start + length;
  return reader.buf.subarray(start, reader.pos);
}

/** The number at the reader. Throws when the field is of another type. */
export function numberAt(reader: PbfReader, signed = false): number {
  if (reader.type !== VARINT) throw new BrokenProfile('a number was expected');
  return reader.readVarint(signed);
}

/** Numbers of a repeated field, packed or not, handed to `take` one by one. */
export function numbersAt(reader: PbfReader, signed: boolean, take: (value: number) => void): void {
  if (reader.type !== BYTES) {
    take(numberAt(reader, signed));
    return;
  }
  const length = reader.readVarint();
  const end = reader.pos + length;
  if (end > reader.length) throw new BrokenProfile('a list is cut off');
  while (reader.pos < end) take(reader.readVarint(signed));
  if (reader.pos !== end) throw new BrokenProfile('a list does not end where it should');
}
