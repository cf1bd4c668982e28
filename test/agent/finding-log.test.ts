import { expect, it } from 'vitest';
import { FindingLog } from '../../src/agent/finding-log.ts';
import { FINDING } from '../export/base-model.ts';
import { recordingLogger } from './recording-logger.ts';

it('tells a finding when it begins to fire and when it is over, once each', () => {
  const { logger, lines } = recordingLogger();
  const log = new FindingLog(logger);
  log.note([{ ...FINDING, state: 'pending' }]);
  log.note([FINDING]);
  log.note([FINDING]);
  log.note([{ ...FINDING, state: 'resolved' }]);
  log.note([]);
  log.note([FINDING]);
  expect(lines.map((line) => [line.level, line.message])).toEqual([
    ['warn', 'it is throttled'],
    ['info', 'finding resolved'],
    ['warn', 'it is throttled'],
  ]);
  expect(lines[0]?.fields).toMatchObject({ rule: 'CpuThrottled', pod: 'web-0', remedy: 'raise the limit' });
});

it('keeps subjects and rules apart, and does not warn of mere information', () => {
  const { logger, lines } = recordingLogger();
  const other = { ...FINDING, subject: { ...FINDING.subject, key: 'other' } };
  new FindingLog(logger).note([FINDING, other, { ...FINDING, rule: 'GomemlimitMissing', severity: 'info' }]);
  expect(lines.map((line) => line.level)).toEqual(['warn', 'warn', 'info']);
});
