import { BrokenProfile } from './pprof-messages.ts';

/** No message of a profile is near this long; of a longer string the start is handed over. */
const MAX_PAYLOAD = 64 * 1024;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Takes a protobuf message in pieces, cut anywhere, and hands over the messages and strings at its top level, each whole. Numbers at
 * the top level are passed over. Holds at most one field of 64 KiB, so that a large profile never exists as one buffer.
 * Throws {@link BrokenProfile} where the bytes cannot be a message.
 */
export class FieldStream {
  readonly #onBytes: (field: number, payload: Uint8Array, length: number) => void;
  readonly #carry = Buffer.allocUnsafe(MAX_PAYLOAD);
  #reading: 'tag' | 'number' | 'length' | 'payload' | 'nothing' = 'tag';
  #field = 0;
  #varint = 0;
  #varintBytes = 0;
  /** Of the payload under way: its length, what is carried of it, and what is still to come. */
  #length = 0;
  #carried = 0;
  #missing = 0;

  /** @param onBytes gets the field number, the payload (valid during the call only, its first 64 KiB if longer) and its length */
  constructor(onBytes: (field: number, payload: Uint8Array, length: number) => void) {
    this.#onBytes = onBytes;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#reading === 'payload') at = this.#payload(chunk, at);
      else if (this.#reading === 'nothing') at = this.#pass(chunk, at);
      else this.#byte(chunk[at++] ?? 0);
    }
  }

  /** Throws when the message stops inside a field. */
  end(): void {
    if (this.#reading !== 'tag' || this.#varintBytes > 0) throw new BrokenProfile('the profile is cut off');
  }

  #byte(byte: number): void {
    // A length or tag of over 2^53 is refused below, so the rounding of larger ones does no harm.
    this.#varint += (byte & 0x7f) * 2 ** (7 * this.#varintBytes);
    this.#varintBytes += 1;
    if (byte >= 0x80) {
      if (this.#varintBytes >= 10) throw new BrokenProfile('a number has no end');
      return;
    }
    const value = this.#varint;
    this.#varint = 0;
    this.#varintBytes = 0;
    if (this.#reading === 'tag') this.#tag(value);
    else if (this.#reading === 'number') this.#reading = 'tag';
    else this.#begin(value);
  }

  #tag(tag: number): void {
    const wire = tag % 8;
    this.#field = (tag - wire) / 8;
    if (this.#field === 0 || this.#field >= 2 ** 29) throw new BrokenProfile('there is no such field');
    if (wire === WIRE.varint) this.#reading = 'number';
    else if (wire === WIRE.bytes) this.#reading = 'length';
    else if (wire === WIRE.fixed64 || wire === WIRE.fixed32) {
      this.#missing = wire === WIRE.fixed64 ? 8 : 4;
      this.#reading = 'nothing';
    } else throw new BrokenProfile('there is no such wire type');
  }

  #begin(length: number): void {
    if (length >= 2 ** 31) throw new BrokenProfile('a field is longer than any profile');
    this.#length = length;
    this.#carried = 0;
    this.#missing = length;
    this.#reading = 'payload';
    if (length === 0) this.#hand(this.#carry.subarray(0, 0));
  }

  #payload(chunk: Uint8Array, at: number): number {
    const whole = this.#carried === 0 && this.#length <= MAX_PAYLOAD && chunk.length - at >= this.#length;
    if (whole) {
      this.#hand(chunk.subarray(at, at + this.#length));
      return at + this.#length;
    }
    const wanted = Math.min(this.#length, MAX_PAYLOAD);
    const end = Math.min(chunk.length, at + wanted - this.#carried);
    this.#carry.set(chunk.subarray(at, end), this.#carried);
    this.#carried += end - at;
    if (this.#carried === wanted) {
      this.#missing = this.#length - wanted;
      this.#hand(this.#carry.subarray(0, wanted));
      if (this.#missing > 0) this.#reading = 'nothing';
    }
    return end;
  }

  #pass(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#missing === 0) this.#reading = 'tag';
    return end;
  }

  #hand(payload: Uint8Array): void {
    this.#reading = 'tag';
    this.#onBytes(this.#field, payload, this.#length);
  }
}
