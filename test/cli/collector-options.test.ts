import { Command } from 'commander';
import { expect, test } from 'vitest';
import { type CollectorOptions, enabledCollectors, withCollectorOptions } from '../../src/cli/collector-options.ts';
import { COLLECTOR_NAMES } from '../../src/export/collectors.ts';

const enabled = (...words: readonly string[]): string[] => {
  const command = withCollectorOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  command.parse(words, { from: 'user' });
  return [...enabledCollectors(command.opts<CollectorOptions>())];
};

test.each<[readonly string[], readonly string[]]>([
  [[], COLLECTOR_NAMES],
  [['--no-collector.io'], COLLECTOR_NAMES.filter((name) => name !== 'io')],
  [['--collector.disable-defaults'], []],
  [
    ['--collector.disable-defaults', '--collector.cpu', '--collector.go_memory'],
    ['cpu', 'go_memory'],
  ],
  [['--collector.cpu'], COLLECTOR_NAMES],
  [['--no-collector.cpu', '--collector.cpu'], COLLECTOR_NAMES],
  [['--collector.disable-defaults', '--collector.cpu', '--no-collector.cpu'], []],
])('%j', (words, expected) => {
  expect(enabled(...words)).toEqual(expected);
});

test('an unknown collector is an unknown flag', () => {
  expect(() => enabled('--no-collector.disk')).toThrow("unknown option '--no-collector.disk'");
});
