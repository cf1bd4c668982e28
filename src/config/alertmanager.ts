import type * as z from 'zod';
import type { alertmanagerSchema } from './alertmanager-schema.ts';

type InFile = z.output<typeof alertmanagerSchema>;

/** One Alertmanager, and how to speak to it. Secrets are files. */
export type AlertmanagerTarget = InFile['targets'][number];

/** What is pushed to Alertmanagers. No target: nothing. */
export interface AlertmanagerConfig {
  readonly targets: readonly AlertmanagerTarget[];
  readonly minSeverity: InFile['minSeverity'];
  readonly resendIntervalMs: number;
  readonly timeoutMs: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  /** With `{node}` in it. Undefined: alerts have no links to the agent. */
  readonly externalUrl: string | undefined;
  /** Folder of the pages. Undefined: those of the project. */
  readonly runbookUrl: string | undefined;
}

/** The section with the unit in the names. */
export function alertmanagerFrom({ resendInterval, timeout, ...rest }: InFile): AlertmanagerConfig {
  const { externalUrl, runbookUrl } = rest;
  return { ...rest, externalUrl, runbookUrl, resendIntervalMs: resendInterval, timeoutMs: timeout };
}

/** What a file without the section means. */
export function defaultAlertmanager(): AlertmanagerConfig {
  return {
    targets: [],
    minSeverity: 'warning',
    resendIntervalMs: 60_000,
    timeoutMs: 10_000,
    externalLabels: {},
    externalUrl: undefined,
    runbookUrl: undefined,
  };
}
