import { gzipSync } from 'node:zlib';

/** Goroutines that stand in the same place. */
export interface StackGroup {
  readonly count: number;
  /** Innermost first. */
  readonly frames: readonly { readonly name: string; readonly file: string; readonly line: number }[];
}

type Field = readonly [number: number, value: number | Uint8Array];

/** A goroutine profile as pprof's debug=0 sends it: gzip around a protobuf message (google/pprof, proto/profile.proto). */
export function goroutineProfile(groups: readonly StackGroup[], wallMs: number): Buffer {
  const strings = new Map<string, number>([['', 0]]);
  const text = (value: string) => {
    const known = strings.get(value);
    if (known !== undefined) return known;
    strings.set(value, strings.size);
    return strings.size - 1;
  };
  const valueType = message([
    [1, text('goroutine')],
    [2, text('count')],
  ]);
  const fields: Field[] = [[1, valueType]];
  const functions: Field[] = [];
  const locations: Field[] = [];
  let next = 1;
  for (const group of groups) {
    const ids: number[] = [];
    for (const frame of group.frames) {
      const name = text(frame.name);
      functions.push([
        5,
        message([
          [1, next],
          [2, name],
          [3, name],
          [4, text(frame.file)],
        ]),
      ]);
      locations.push([
        4,
        message([
          [1, next],
          [2, 1],
          [3, 0x400000 + next * 64],
          [
            4,
            message([
              [1, next],
              [2, frame.line],
            ]),
          ],
        ]),
      ]);
      ids.push(next);
      next += 1;
    }
    fields.push([
      2,
      message([
        [1, packed(ids)],
        [2, packed([group.count])],
      ]),
    ]);
  }
  const mapping: Field = [
    3,
    message([
      [1, 1],
      [2, 0x400000],
      [3, 0x500000],
      [7, 1],
    ]),
  ];
  // Every string must be known before the table is written.
  const tail: Field[] = [
    [9, wallMs * 1e6],
    [11, valueType],
    [12, 1],
  ];
  const table: Field[] = [...strings.keys()].map((value) => [6, Buffer.from(value, 'utf8')]);
  return gzipSync(message([...fields, mapping, ...locations, ...functions, ...table, ...tail]));
}

function message(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) =>
      typeof value === 'number'
        ? [varint(number * 8), varint(value)]
        : [varint(number * 8 + 2), varint(value.length), value],
    ),
  );
}

function packed(values: readonly number[]): Buffer {
  return Buffer.concat(values.map(varint));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(Math.round(value));
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
