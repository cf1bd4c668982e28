import { PbfWriter } from 'pbf';

export interface Call {
  readonly name: string;
  readonly line?: number;
}

/** A sample: its values and a list of locations, each a list of calls, innermost first. */
export interface Sample {
  readonly values: readonly number[];
  readonly stack: readonly (readonly Call[])[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** One call a location. */
export const at = (...names: string[]): readonly (readonly Call[])[] => names.map((name) => [{ name }]);

/** Writes a profile as Go does: strings last. Calls of the same name and line share a location when they are alone in it. */
export function writeProfile(
  samples: readonly Sample[],
  types: readonly string[] = ['goroutine'],
  packed = true,
): Uint8Array {
  const strings = [''];
  const intern = (text: string) => {
    if (!strings.includes(text)) strings.push(text);
    return strings.indexOf(text);
  };
  const writer = new PbfWriter();
  const message = (to: PbfWriter, field: number, fill: (inner: PbfWriter) => void) => {
    const write = (_: null, inner: PbfWriter): void => {
      fill(inner);
    };
    to.writeMessage(field, write, null);
  };
  const list = (to: PbfWriter, field: number, values: number[]) => {
    if (packed) to.writePackedVarint(field, values);
    else for (const value of values) to.writeVarintField(field, value);
  };
  for (const type of types)
    message(writer, 1, (inner) => {
      inner.writeVarintField(1, intern(type));
    });
  const ids = new Map<string, number>();
  const functions = new Map<string, number>();
  for (const { values, stack, labels = {} } of samples) {
    const fresh: (readonly Call[])[] = [];
    const locations = stack.map((calls) => {
      const key = JSON.stringify(calls);
      if (!ids.has(key)) {
        ids.set(key, ids.size + 1);
        fresh.push(calls);
      }
      return ids.get(key)!;
    });
    message(writer, 2, (inner) => {
      list(inner, 1, locations);
      list(inner, 2, [...values]);
      for (const [key, value] of Object.entries(labels))
        message(inner, 3, (label) => {
          label.writeVarintField(1, intern(key));
          label.writeVarintField(2, intern(value));
        });
    });
    for (const calls of fresh)
      message(writer, 4, (inner) => {
        inner.writeVarintField(1, ids.get(JSON.stringify(calls))!);
        for (const { name, line = 1 } of calls) {
          if (!functions.has(name)) functions.set(name, functions.size + 1);
          message(inner, 4, (entry) => {
            entry.writeVarintField(1, functions.get(name)!);
            entry.writeVarintField(2, line);
          });
        }
      });
  }
  for (const [name, id] of functions)
    message(writer, 5, (inner) => {
      inner.writeVarintField(1, id);
      inner.writeVarintField(2, intern(name));
      inner.writeVarintField(4, intern(`/src/${name}.go`));
    });
  for (const text of strings) writer.writeStringField(6, text);
  return writer.finish();
}
