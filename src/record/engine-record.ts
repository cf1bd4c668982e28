import { found, missed, type Reading } from '../base/reading.ts';
import type { EngineOptions, RuleOverride } from '../rules/engine.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import type { Rule } from '../rules/types.ts';
import { isObject } from './manifest.ts';

const MAX_OVERRIDES = 1000;
const MAX_CYCLES = 1000;

/** The rules and thresholds of the cgopher that reads. */
export interface ThisVersion {
  readonly catalogue: readonly Rule[];
  readonly thresholds: Thresholds;
}

class Wrong extends Error {}

/**
 * The options of the recorded engine. Rules this version does not have are left out, thresholds the recording does not have are the
 * usual ones; `note` is told of both. Misses `malformed` when a value is not of the kind it must be.
 */
export function engineOptionsOf(
  record: Readonly<Record<string, unknown>>,
  known: ThisVersion,
  note: (text: string) => void,
): Reading<EngineOptions> {
  try {
    const { rules, thresholds, overrides, forCycles, clearCycles, ...rest } = record;
    const ids = texts(rules, 'rules');
    for (const id of ids)
      if (!known.catalogue.some((rule) => rule.id === id)) note(`this version has no rule ${id.slice(0, 64)}`);
    const missing = new Set<string>();
    const own = like(known.thresholds, thresholds, 'thresholds', missing);
    const options = {
      // Numbers and switches that are newer than this reader of them.
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => isPlain(value))),
      rules: known.catalogue.filter((rule) => ids.includes(rule.id)),
      thresholds: own,
      forCycles: cycles(forCycles, 'forCycles'),
      clearCycles: cycles(clearCycles, 'clearCycles'),
      overrides: list(overrides ?? [], 'overrides').map((override) => overrideOf(override, own, missing)),
    };
    for (const path of missing) note(`the recording has no ${path}: the usual value is used`);
    return found(options);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return missed('malformed', 'recording', 'engine', error.message);
  }
}

function overrideOf(value: unknown, thresholds: Thresholds, missing: Set<string>): RuleOverride {
  if (!isObject(value)) throw new Wrong('a wrong override');
  const name = (key: string): string | undefined => {
    const text = value[key];
    if (text !== undefined && typeof text !== 'string') throw new Wrong(`a wrong ${key} of an override`);
    return text;
  };
  return {
    namespace: name('namespace'),
    pod: name('pod'),
    container: name('container'),
    disable: texts(value['disable'], 'disable'),
    thresholds: like(thresholds, value['thresholds'], 'overrides.thresholds', missing),
  };
}

/** `given` in the shape of `template`, whose values stand in for what is not there. */
function like<T>(template: T, given: unknown, path: string, missing: Set<string>): T {
  if (given === undefined) {
    missing.add(path);
    return template;
  }
  if (Array.isArray(template)) {
    const items = list(given, path);
    if (!items.every(isPlain)) throw new Wrong(`wrong ${path}`);
    return items as T;
  }
  if (!isObject(template)) {
    if (typeof given !== typeof template || !isPlain(given)) throw new Wrong(`a wrong ${path}`);
    return given as T;
  }
  if (!isObject(given)) throw new Wrong(`a wrong ${path}`);
  const entries = Object.entries(template).map(([key, value]) => [
    key,
    like<unknown>(value, Object.hasOwn(given, key) ? given[key] : undefined, `${path}.${key}`, missing),
  ]);
  return Object.fromEntries(entries) as T;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && value.length < 1000) || Number.isFinite(value);
}

function cycles(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_CYCLES)
    throw new Wrong(`a wrong ${name}`);
  return value;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_OVERRIDES) throw new Wrong(`wrong ${name}`);
  return value;
}

function texts(value: unknown, name: string): readonly string[] {
  return list(value, name).map((text) => {
    if (typeof text !== 'string') throw new Wrong(`wrong ${name}`);
    return text;
  });
}
