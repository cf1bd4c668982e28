/* eslint-disable @typescript-eslint/no-deprecated --
   The schema that replaces this one needs Grafana 13. Sidecars and older servers load the classic one, and 13 does too. */
import { type Dashboard, DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

export type ClassicDashboard = Dashboard;

export const classicDashboard = (title: string): DashboardBuilder => new DashboardBuilder(title);
