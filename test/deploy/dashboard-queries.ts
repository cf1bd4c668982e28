import type { ClassicDashboard } from '../../deploy/source/dashboards/classic.ts';

type Item = NonNullable<ClassicDashboard['panels']>[number];
/** A panel, rows left out. */
export type Panel = Exclude<Item, { type: 'row'; collapsed: boolean }>;

/** A query, and what shows its result. */
export interface Query {
  readonly where: string;
  readonly expr: string;
  readonly kind: 'panel' | 'annotation' | 'variable';
  /** Labels that a legend, a column or a text shows. */
  readonly shown: readonly string[];
}

/** Every panel, those in collapsed rows too. */
export function panelsOf(dashboard: ClassicDashboard): Panel[] {
  return (dashboard.panels ?? []).flatMap((item) => ('panels' in item ? item.panels : [item]));
}

/** Every query of panels, annotations and variables. */
export function queriesOf(dashboard: ClassicDashboard): Query[] {
  return [...panelQueries(dashboard), ...annotationQueries(dashboard), ...variableQueries(dashboard)];
}

function panelQueries(dashboard: ClassicDashboard): Query[] {
  return panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map((target) => {
      const { expr, refId, legendFormat } = target as unknown as { expr: string; refId: string; legendFormat?: string };
      return {
        where: `${dashboard.title ?? ''}: ${panel.title ?? ''} ${refId}`,
        expr,
        kind: 'panel' as const,
        shown: namesIn(legendFormat ?? ''),
      };
    }),
  );
}

function annotationQueries(dashboard: ClassicDashboard): Query[] {
  return (dashboard.annotations.list ?? []).map(({ name, expr = '', textFormat = '' }) => ({
    where: `${dashboard.title ?? ''}: annotation ${name}`,
    expr,
    kind: 'annotation',
    // The labels after the first may be missing.
    shown: namesIn(textFormat).slice(0, 1),
  }));
}

function variableQueries(dashboard: ClassicDashboard): Query[] {
  return (dashboard.templating.list ?? []).flatMap(({ name, type, query }) => {
    if ((type as string) !== 'query' || typeof query !== 'object') return [];
    const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(String(query['query'])) ?? [];
    if (series === undefined || label === undefined) throw new Error(`variable ${name} is not label_values()`);
    const expr = `count by (${label}) (${series})`;
    return [{ where: `${dashboard.title ?? ''}: variable ${name}`, expr, kind: 'variable' as const, shown: [label] }];
  });
}

const namesIn = (format: string): string[] => [...format.matchAll(/{{(\w+)}}/g)].map(([, name = '']) => name);

/** A query as Grafana sends it: variables and intervals filled in. */
export function filledIn(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replaceAll(/\$([a-z_]\w*)/g, (whole, name: string) => values[name] ?? whole);
}
