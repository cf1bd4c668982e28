import { describe, expect, it } from 'vitest';
import { found, missed, type Reading } from '../../../src/base/reading.ts';
import type { RuntimeAddresses } from '../../../src/go/memory/types.ts';
import { AddressBook } from '../../../src/sample/runtime-memory/address-book.ts';
import { addressesOf } from './fake-runtime.ts';

/** A resolver that notes what it was asked and answers as it is told. */
function resolver(answer: (exe: string) => Reading<RuntimeAddresses>) {
  const asked: string[] = [];
  const resolve = ({ exe }: { readonly exe: string }) => {
    asked.push(exe);
    return Promise.resolve(answer(exe));
  };
  return { asked, book: new AddressBook({ resolve }) };
}

const file = (executable: string, buildId?: string) => ({ executable, buildId });

describe('AddressBook', () => {
  it('searches a file once, however often it is asked about while that goes on and after', async () => {
    const { asked, book } = resolver(() => found(addressesOf('go1.26.4')));
    expect(book.find(file('a'), '/proc/1/exe', 0)).toBeUndefined();
    expect(book.find(file('a'), '/proc/2/exe', 0)).toBeUndefined();
    await book.settled();
    expect(book.find(file('a'), '/proc/3/exe', 0)).toEqual(found(addressesOf('go1.26.4')));
    expect(asked).toEqual(['/proc/1/exe']);
  });

  it('takes files with one build ID for copies of one executable, until that proves wrong', async () => {
    const { asked, book } = resolver((exe) => found(addressesOf(exe === '/proc/1/exe' ? 'go1.26.4' : 'go1.21.0')));
    book.find(file('a', 'id'), '/proc/1/exe', 0);
    await book.settled();
    expect(book.find(file('b', 'id'), '/proc/2/exe', 0)).toEqual(found(addressesOf('go1.26.4')));
    expect(book.distrust(file('b', 'id'))).toBe(true);
    expect(book.find(file('b', 'id'), '/proc/2/exe', 0)).toBeUndefined();
    await book.settled();
    expect(book.find(file('b', 'id'), '/proc/2/exe', 0)).toEqual(found(addressesOf('go1.21.0')));
    // The file that was right stays right, and there is nothing further to try for the other.
    expect(book.find(file('a', 'id'), '/proc/1/exe', 0)).toEqual(found(addressesOf('go1.26.4')));
    expect(book.distrust(file('b', 'id'))).toBe(false);
    expect(book.distrust(file('c'))).toBe(false);
    expect(asked).toEqual(['/proc/1/exe', '/proc/2/exe']);
  });

  it('remembers a refusal, but not that a process went before its file was opened', async () => {
    const answers = [
      missed('absent', 'runtime_addresses', '/proc/1/exe', 'ENOENT'),
      missed('unsupported', 'runtime_addresses', '/proc/2/exe', 'go1.16'),
    ];
    const { asked, book } = resolver(() => answers[asked.length - 1]!);
    for (const pid of [1, 2, 3]) {
      book.find(file('a'), `/proc/${pid}/exe`, 0);
      await book.settled();
    }
    expect(book.find(file('a'), '/proc/4/exe', 0)).toMatchObject({ ok: false, miss: { kind: 'unsupported' } });
    expect(asked).toEqual(['/proc/1/exe', '/proc/2/exe']);
  });

  it('drops the least recently asked of 1025', async () => {
    const { asked, book } = resolver(() => found(addressesOf('go1.26.4')));
    for (let index = 0; index < 1024; index++) book.find(file(`f${index}`), `${index}`, 0);
    await book.settled();
    book.find(file('f0'), 'again', 0);
    book.find(file('one more'), 'one more', 0);
    await book.settled();
    expect(book.find(file('f0'), 'again', 0)).toBeDefined();
    expect(book.find(file('f1'), 'again', 0)).toBeUndefined();
    expect(asked).toHaveLength(1026);
  });
});

it('makes a search that failed again after five minutes, not in every cycle', async () => {
  const { asked, book } = resolver(() => missed('failed', 'runtime_addresses', '', 'no answer within 20000 ms'));
  book.find(file('a'), '1', 0);
  await book.settled();
  expect(book.find(file('a'), '1', 299_999)).toMatchObject({ ok: false, miss: { kind: 'failed' } });
  expect(asked).toEqual(['1']);
  expect(book.find(file('a'), '2', 300_000)).toBeUndefined();
  await book.settled();
  expect(asked).toEqual(['1', '2']);
});
