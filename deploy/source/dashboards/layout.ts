import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQueryBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type ClassicDashboard, classicDashboard } from './classic.ts';
import { TAG, toTheOthers } from './links.ts';
import type { Variable } from './variables.ts';

const COLUMNS = 24;
// A panel that comes into one row leaves the ids in all others as they are: addresses of single panels hold them.
const IDS_PER_ROW = 100;

/** Panels of one height side by side, in 24ths of the width. */
export interface Strip {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: Builder<Panel>])[];
}

/** A titled part of a dashboard. */
export interface Section {
  readonly title: string;
  /** Shown only when asked for. Its queries are not run before that. */
  readonly collapsed?: boolean;
  readonly strips: readonly Strip[];
}

interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly from: string;
  readonly variables: readonly Variable[];
  readonly annotations?: readonly AnnotationQueryBuilder[];
  readonly sections: readonly Section[];
}

/** The dashboard with every panel in its place. */
export function board({
  uid,
  title,
  description,
  from,
  variables,
  annotations = [],
  sections,
}: Board): ClassicDashboard {
  const dashboard = classicDashboard(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .refresh('30s')
    .time({ from, to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .variables([...variables])
    .annotations([...annotations])
    .links(toTheOthers(uid));
  let y = 0;
  for (const [index, { title: name, collapsed = false, strips }] of sections.entries()) {
    const id = (index + 1) * IDS_PER_ROW;
    const row = new RowBuilder(name).id(id).collapsed(collapsed).gridPos({ h: 1, w: COLUMNS, x: 0, y });
    const placed = place(strips, id + 1, y + 1);
    // Grafana keeps the panels of an open row beside it, and those of a collapsed row in it.
    if (collapsed) for (const panel of placed) row.withPanel({ build: () => panel });
    dashboard.withRow(row);
    if (!collapsed) for (const panel of placed) dashboard.withPanel({ build: () => panel });
    y += 1 + (collapsed ? 0 : strips.reduce((sum, { height }) => sum + height, 0));
  }
  return dashboard.build();
}

function place(strips: readonly Strip[], firstId: number, top: number): Panel[] {
  const placed: Panel[] = [];
  let y = top;
  for (const { height, panels } of strips) {
    let x = 0;
    for (const [width, panel] of panels) {
      placed.push({ ...panel.build(), id: firstId + placed.length, gridPos: { h: height, w: width, x, y } });
      x += width;
    }
    if (x !== COLUMNS) throw new Error(`a strip is ${x} of ${COLUMNS} columns wide`);
    y += height;
  }
  return placed;
}
