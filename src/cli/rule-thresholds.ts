import { configJsonSchema } from '../config/schema.ts';
import type { Rule } from '../rules/types.ts';

/** A threshold as the configuration file names it. */
export interface ThresholdText {
  /** `thresholds.memory.headroomRatio`. */
  readonly key: string;
  /** As it would be written in the file: `0.1`, `5m`. */
  readonly usual: string;
  /** `ratio`, `periods`; empty where the default says it. */
  readonly unit: string;
  /** What it is, and why the default is what it is. */
  readonly reason: string;
}

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** A base unit in the name (`criticalSecondsToLimit`), a rate (`warningPerHour`), or the thing that is counted (`minPeriods`). */
function unitOf(name: string, usual: unknown): string {
  if (typeof usual !== 'number') return '';
  const unit = /(?:Ratio|Percent|Seconds|Bytes|Cores)(?![a-z])|[Pp]er[A-Z][a-z]+$/.exec(name)?.[0];
  if (unit !== undefined) return unit.replace(/^[Pp]er/, 'per ').toLowerCase();
  const counted = /[A-Z][a-z]+$/.exec(name)?.[0].toLowerCase() ?? '';
  return counted === 'count' ? '' : counted;
}

/** Every threshold of the configuration, in the order of its schema. */
export function allThresholds(): ThresholdText[] {
  const groups = (configJsonSchema() as Schema).properties?.['thresholds']?.properties ?? {};
  return Object.entries(groups).flatMap(([group, { properties = {} }]) =>
    Object.entries(properties).map(([name, schema]) => ({
      key: `thresholds.${group}.${name}`,
      usual: String(schema.default),
      unit: unitOf(name, schema.default),
      reason: schema.description ?? '',
    })),
  );
}

/** `group.name`, with or without `thresholds.` before it, and not a part of something longer. */
const NAMED = /(?<![\w.])(?:thresholds\.)?([a-z]\w*\.[a-z]\w*)(?!\w|\.\w)/g;

/** The thresholds a rule's own words name, in the order they come up. What is no threshold (`memory.max`) is passed over. */
export function thresholdsOf({ about }: Pick<Rule, 'about'>): ThresholdText[] {
  const words = Object.values(about).flat().join('\n');
  const named = new Set([...words.matchAll(NAMED)].map(([, name]) => `thresholds.${name}`));
  const known = new Map(allThresholds().map((threshold) => [threshold.key, threshold]));
  return [...named].flatMap((key) => known.get(key) ?? []);
}
