/** One alerting rule, with the keys of a Prometheus rule file. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly keep_firing_for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

/** One recording rule, with the keys of a Prometheus rule file. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Rules that Prometheus evaluates one after the other. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** What the generator may be told. */
export interface AlertOptions {
  /** Folder of the runbook pages, with a slash at its end. */
  readonly runbookBase: string;
}
