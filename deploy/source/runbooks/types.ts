/** One thing to do, in words and, where there is one, as what to type. */
export interface Step {
  /** Markdown. */
  readonly say: string;
  /** PromQL, one query or several. `SUBJECT` stands for the label matchers of the alert's subject. */
  readonly promql?: string | readonly string[];
  /** Shell, with NAMESPACE, POD, CONTAINER, NODE and the like to be replaced. */
  readonly sh?: string;
}

/** What only a person can write of an alert. The meaning comes from the rule table. */
export interface Runbook {
  /** Who notices what, and how soon. */
  readonly impact: string;
  /** After reading the finding itself, which each page begins with. */
  readonly diagnosis: readonly Step[];
  /** In the order to try: what helps now first, what mends it for good after that. */
  readonly mitigation: readonly Step[];
}
