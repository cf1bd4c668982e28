import { describe, expect, it } from 'vitest';
import { dashboards } from '../../deploy/source/dashboards/dashboards.ts';
import { panelsOf, queriesOf } from './dashboard-queries.ts';

const all = Object.values(dashboards());
const panels = all.flatMap((dashboard) =>
  panelsOf(dashboard).map((panel) => ({ name: `${dashboard.title!}: ${panel.title!}`, dashboard, panel })),
);

describe.each(all.map((dashboard) => [dashboard.title!, dashboard] as const))('%s', (_, dashboard) => {
  const variables = dashboard.templating.list ?? [];

  it('has a uid that stays, the tag, refreshes, and shows the time of the reader', () => {
    expect(dashboard.uid).toMatch(/^cgopher-[a-z]+$/);
    expect(dashboard.tags).toEqual(['cgopher-mixin']);
    expect([dashboard.refresh, dashboard.timezone, dashboard.schemaVersion]).toEqual(['30s', 'browser', 42]);
    expect(dashboard).not.toHaveProperty('id');
  });

  it('lets the reader choose the data source and hides the cluster, with all of them chosen', () => {
    expect(variables[0]).toMatchObject({
      name: 'datasource',
      type: 'datasource',
      query: 'prometheus',
      label: 'Data source',
    });
    expect(variables[1]).toMatchObject({ name: 'cluster', hide: 2, includeAll: true, allValue: '.*', multi: true });
  });

  it('names no data source by itself', () => {
    const named = [...JSON.stringify(dashboard).matchAll(/"datasource":{(.*?)}[,}]/g)].map(([, text]) => text);
    expect(named.length).toBeGreaterThan(10);
    expect(new Set(named)).toEqual(new Set(['"type":"prometheus","uid":"${datasource}"']));
  });

  it('uses every variable it has, and none it has not', () => {
    const text = queriesOf(dashboard)
      .map(({ expr }) => expr)
      .join('\n');
    const used = new Set(
      [...text.matchAll(/\$([a-z_]\w*)/g)].map(([, name]) => name!).filter((name) => !name.startsWith('__')),
    );
    expect([...used].sort()).toEqual(
      variables
        .map(({ name }) => name)
        .filter((name) => name !== 'datasource')
        .sort(),
    );
  });

  it('has no two panels of one id', () => {
    const ids = [...panelsOf(dashboard), ...(dashboard.panels ?? []).filter(({ type }) => type === 'row')].map(
      ({ id }) => id,
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => Number.isSafeInteger(id))).toBe(true);
  });

  it('has every panel in the grid, and none over another', () => {
    const taken = new Map<string, string>();
    for (const item of dashboard.panels ?? []) {
      const { x, y, w, h } = item.gridPos!;
      expect(x + w, item.title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect(taken.get(`${column},${line}`), `${item.title!} lies over it`).toBeUndefined();
          taken.set(`${column},${line}`, item.title!);
        }
      }
    }
  });

  it('leads to the other two', () => {
    const others = all.filter((other) => other !== dashboard).map(({ uid }) => `/d/${uid!}?`);
    for (const [index, start] of others.entries()) expect(dashboard.links?.[index]?.url).toContain(start);
  });

  it('links only to dashboards there are and to runbooks, with variables that the target has', () => {
    const urls = [...JSON.stringify(dashboard).matchAll(/"url":"([^"]*)"/g)].map(([, url]) => url!);
    expect(urls.length).toBeGreaterThan(2);
    for (const url of urls) {
      if (/^https:\/\/\S+\/docs\/runbooks\/Cgopher\$\{__(?:data\.fields|field\.labels)\.rule\}\.md$/.test(url))
        continue;
      const target = all.find(({ uid }) => url.startsWith(`/d/${uid!}?`));
      const known = (target?.templating.list ?? []).map(({ name }) => name);
      const given = [...url.matchAll(/var-(\w+)=|\$\{(\w+):queryparam\}/g)].map(([, a, b]) => a ?? b);
      expect(given.length, url).toBeGreaterThan(0);
      expect(known, url).toEqual(expect.arrayContaining(given));
    }
  });
});

describe.each(panels.map(({ name, panel }) => [name, panel] as const))('%s', (_, panel) => {
  it('says what it shows, and in which unit', () => {
    expect(panel.description!.length).toBeGreaterThan(20);
    expect(panel.fieldConfig?.defaults.unit).toMatch(/^\w+$/);
    expect(panel.fieldConfig?.defaults.thresholds?.steps.length).toBeGreaterThan(0);
  });

  it('takes rates over the interval that suits the data source', () => {
    for (const target of panel.targets!) {
      const { expr } = target as unknown as { expr: string };
      const windows = [...expr.matchAll(/\b(\w+)\([^()]*\[([^\]]+)\]/g)].map(
        ([, call, window]) => [call, window] as const,
      );
      expect(windows.length).toBe(expr.split('[').length - 1);
      for (const [call, window] of windows) {
        expect(window, expr).toBe(call === 'rate' || call === 'increase' ? '$__rate_interval' : '$__range');
      }
    }
  });

  it('names its lines', () => {
    for (const target of panel.targets!) {
      const { legendFormat, format } = target as unknown as { legendFormat?: string; format?: string };
      if (panel.type === 'timeseries' || panel.type === 'bargauge') expect(legendFormat).not.toBe('');
      if (panel.type === 'table') expect(format).toBe('table');
    }
  });
});
