import { describe, expect, it } from 'vitest';
import { plainCandidate } from '../../../src/sample/endpoints/discover-place.ts';
import { endpointHint, hintedHandlers, withHint } from '../../../src/sample/endpoints/hint.ts';

const own = (value: string) => endpointHint({ 'cgopher.dev/endpoint': value });

describe('an endpoint named by annotations', () => {
  it.each([
    ['6060', { scheme: 'http', port: 6060, metricsPath: undefined }],
    [' 8443 ', { scheme: 'http', port: 8443, metricsPath: undefined }],
    ['https:8443', { scheme: 'https', port: 8443, metricsPath: undefined }],
    ['9090/internal/metrics', { scheme: 'http', port: 9090, metricsPath: '/internal/metrics' }],
  ])('cgopher.dev/endpoint: %s', (value, expected) => {
    expect(own(value)).toEqual({ ...expected, from: 'cgopher.dev/endpoint' });
  });

  it.each([
    '',
    '0',
    '65536',
    '10.0.0.1:80',
    'http://10.0.0.1:80/',
    'ftp:21',
    '80/a b',
    '80/\r\nx: y',
    `80/${'x'.repeat(2000)}`,
  ])('cgopher.dev/endpoint: %j is none, and no address can be given', (value) => {
    expect(own(value)).toBeUndefined();
  });

  it('is as Prometheus is told, unless it is told to keep away', () => {
    const usual = { 'prometheus.io/port': '8080', 'prometheus.io/path': '/m', 'prometheus.io/scheme': 'https' };
    expect(endpointHint(usual)).toEqual({ scheme: 'https', port: 8080, metricsPath: '/m', from: 'prometheus.io/port' });
    expect(endpointHint({ ...usual, 'prometheus.io/scrape': 'false' })).toBeUndefined();
    expect(endpointHint({ ...usual, 'prometheus.io/scheme': 'file' })).toBeUndefined();
    expect(endpointHint({ ...usual, 'prometheus.io/path': 'm' })).toBeUndefined();
    expect(endpointHint({ ...usual, 'prometheus.io/port': '8080, 9090' })).toBeUndefined();
    expect(endpointHint({ ...usual, 'cgopher.dev/endpoint': '6060' })?.port).toBe(6060);
    expect(endpointHint({})).toBeUndefined();
  });
});

describe('what was found, with a hint', () => {
  const web = plainCandidate('10.0.0.7', 8080, '0.0.0.0:8080', true);
  const debug = plainCandidate('10.0.0.7', 6060, '0.0.0.0:6060', true);
  const found = { candidates: [web, debug], detail: '' };

  it('is asked first at the port named, with its scheme and path', () => {
    const hint = own('https:6060/m')!;
    expect(withHint(found, hint).candidates).toEqual([
      { ...debug, tls: true, insecureSkipVerify: true, paths: { ...debug.paths, metrics: '/m' } },
      web,
    ]);
  });

  it('stays as it is when the program does not own the port', () => {
    expect(withHint(found, own('9999')!)).toBe(found);
  });

  it('is not asked over TLS inside another network namespace', () => {
    const inside = { ...debug, way: { kind: 'namespace', pid: 7, namespace: 'net:[1]' } as const };
    const only = { candidates: [inside], detail: '' };
    expect(withHint(only, own('https:6060')!)).toBe(only);
    expect(withHint(only, own('6060')!).candidates).toEqual([inside]);
  });

  it('is looked for in a program that links no known package, by its own annotation only', () => {
    const none = { pprof: false, expvar: false, promhttp: false };
    expect(hintedHandlers(none, own('6060')!)).toEqual({ ...none, promhttp: true });
    expect(hintedHandlers(undefined, own('6060')!)?.promhttp).toBe(true);
    expect(hintedHandlers(none, endpointHint({ 'prometheus.io/port': '8080' })!)).toBe(none);
  });
});
