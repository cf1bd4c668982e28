import type { PbfReader } from 'pbf';
import { FieldStream } from './pprof-fields.ts';
import { BrokenProfile, bytesAt, eachField, numberAt, numbersAt } from './pprof-messages.ts';
import { TextTable } from './pprof-text.ts';

/** Samples with the same stack and the same labels, their values added up. Lists are digits with commas, the shortest form of them. */
export interface SampleRow {
  /** Location ids, innermost first. */
  readonly locations: string;
  /** String indexes, key and value by turns. */
  readonly labels: string;
  /** Values by sample type; the first two are kept. */
  readonly values: [number, number];
}

const MAX_SAMPLES = 100_000;
/** Characters of all distinct stacks: 10,000 of them, 256 calls deep. */
const MAX_STACK_TEXT = 16 * 1024 * 1024;
/** Samples, locations and functions together, alike or not: what is repeated takes no memory, but time. */
const MAX_MESSAGES = 400_000;
/** Ids are dense: the runtime numbers locations and functions from 1. */
const MAX_ID = 200_000;
/** A location holds one short message for each call inlined there; this is room for some hundreds. */
const MAX_LOCATION_BYTES = 4096;
const MAX_LINES = 32;
const MAX_ALL_LINES = 500_000;
/** The runtime cuts stacks at 128 program counters (32 up to 1.22). */
const MAX_LOCATIONS = 256;
const MAX_LABELS = 8;

/**
 * A pprof profile taken in piece by piece. Keeps each distinct stack once, as a short string, and of locations and functions a few
 * numbers, so that what it holds is a fraction of the inflated profile and bounded whatever the profile says.
 * Every method throws {@link BrokenProfile} on what cannot be. Source: google/pprof proto/profile.proto, Go runtime/pprof/proto.go.
 */
export class ProfileStream {
  readonly samples = new Map<string, SampleRow>();
  readonly text = new TextTable();
  /** String indexes of the sample types' names. */
  readonly sampleTypes: number[] = [];
  /** Function id and line by turns; where those of a location start and end, by location id. */
  readonly lines: number[] = [];
  readonly lineStarts: number[] = [];
  readonly lineEnds: number[] = [];
  /** String indexes, by function id; -1 where there is no such function. */
  readonly functionNames: number[] = [];
  readonly functionFiles: number[] = [];
  #messages = 0;
  #stackText = 0;
  readonly #fields = new FieldStream((field, payload, length) => {
    this.#take(field, payload, length);
  });

  write(chunk: Uint8Array): void {
    this.#fields.write(chunk);
  }

  end(): void {
    this.#fields.end();
  }

  #take(field: number, payload: Uint8Array, length: number): void {
    if (field === 6) this.text.add(payload);
    else if (field > 5 || field === 3) return;
    else if (++this.#messages > MAX_MESSAGES) throw new BrokenProfile('too many messages');
    else if (length > payload.length) throw new BrokenProfile('a message is too long');
    else if (field === 1) this.#sampleType(payload);
    else if (field === 2) this.#sample(payload);
    else if (field === 4) this.#location(payload);
    else this.#function(payload);
  }

  #sampleType(message: Uint8Array): void {
    let name = 0;
    eachField(message, (field, reader) => {
      if (field === 1) name = numberAt(reader);
    });
    if (this.sampleTypes.length < 16) this.sampleTypes.push(name);
  }

  #sample(message: Uint8Array): void {
    const values: number[] = [];
    let [locations, labels] = ['', ''];
    let [depth, labelled] = [0, 0];
    eachField(message, (field, reader) => {
      if (field === 1)
        numbersAt(reader, false, (id) => {
          if (depth++ < MAX_LOCATIONS) locations += depth === 1 ? `${id}` : `,${id}`;
        });
      else if (field === 2)
        numbersAt(reader, true, (value) => {
          if (values.length < 2) values.push(value);
        });
      else if (field === 3 && labelled < MAX_LABELS) {
        const label = labelAt(reader);
        if (label !== undefined) labels += labelled++ === 0 ? label : `,${label}`;
      }
    });
    const [first, second = 0] = values;
    if (first === undefined) throw new BrokenProfile('a sample has no value');
    const key = `${locations};${labels}`;
    const known = this.samples.get(key);
    if (known === undefined) {
      this.#stackText += key.length;
      if (this.samples.size >= MAX_SAMPLES || this.#stackText > MAX_STACK_TEXT)
        throw new BrokenProfile('too many samples');
      // A slice of the key shares its characters; the string that the list was put together in is many small ones.
      this.samples.set(key, { locations: key.slice(0, locations.length), labels, values: [first, second] });
    } else {
      known.values[0] += first;
      known.values[1] += second;
    }
  }

  #location(message: Uint8Array): void {
    if (message.length > MAX_LOCATION_BYTES) throw new BrokenProfile('a location is too long');
    let id = 0;
    const start = this.lines.length;
    eachField(message, (field, reader) => {
      if (field === 1) id = numberAt(reader);
      else if (field === 4) {
        const line = bytesAt(reader);
        if (this.lines.length - start < MAX_LINES * 2) this.#line(line);
      }
    });
    if (this.lines.length > MAX_ALL_LINES * 2) throw new BrokenProfile('too many lines');
    put(this.lineStarts, id, start);
    put(this.lineEnds, id, this.lines.length);
  }

  #line(message: Uint8Array): void {
    let [id, line] = [0, 0];
    eachField(message, (field, reader) => {
      if (field === 1) id = numberAt(reader);
      else if (field === 2) line = numberAt(reader, true);
    });
    this.lines.push(id, Number.isSafeInteger(line) && line > 0 ? line : 0);
  }

  #function(message: Uint8Array): void {
    let [id, name, file] = [0, 0, 0];
    eachField(message, (field, reader) => {
      if (field === 1) id = numberAt(reader);
      else if (field === 2) name = numberAt(reader);
      else if (field === 4) file = numberAt(reader);
    });
    put(this.functionNames, id, name);
    put(this.functionFiles, id, file);
  }
}

/** Key and value of a label with text; undefined for one with a number. */
function labelAt(reader: PbfReader): string | undefined {
  let [key, value] = [0, 0];
  eachField(bytesAt(reader), (field, label) => {
    if (field === 1) key = numberAt(label);
    else if (field === 2) value = numberAt(label);
  });
  return key > 0 && value > 0 ? `${key},${value}` : undefined;
}

function put(list: number[], id: number, value: number): void {
  if (!(id >= 0 && id <= MAX_ID)) throw new BrokenProfile('an id is out of range');
  while (list.length <= id) list.push(-1);
  list[id] = value;
}
