import { ROW_ORDERS, type RowFilter, type RowOrder } from '../export/workload-order.ts';

/** What a person chose on the overview. */
export interface OverviewQuery extends RowFilter {
  readonly order: RowOrder;
  /** From 1; one beyond the end shows the last. */
  readonly page: number;
  readonly findingsPage: number;
  /** Undefined: the page stays as it is. */
  readonly refreshSeconds: number | undefined;
}

/** A namespace is a DNS label; longer words fit none. */
const MAX_WORD = 253;
const MAX_PAGE = 9999;
const SEVERITIES = ['critical', 'warning', 'info', 'none'] as const;
/** Faster than the agent looks is of no use, and a page costs it milliseconds. */
const MIN_REFRESH_SECONDS = 5;
const MAX_REFRESH_SECONDS = 3600;

/** Reads the query of an address. What is not understood counts as left out: a link that somebody kept never fails. */
export function overviewQuery(words: URLSearchParams): OverviewQuery {
  const namespace = words.get('namespace') ?? '';
  return {
    namespace: namespace === '' || namespace.length > MAX_WORD ? undefined : namespace,
    severity: SEVERITIES.find((one) => one === words.get('severity')),
    order: ROW_ORDERS.find((one) => one === words.get('sort')) ?? 'worst',
    page: whole(words.get('page'), 1, MAX_PAGE) ?? 1,
    findingsPage: whole(words.get('findings'), 1, MAX_PAGE) ?? 1,
    refreshSeconds: refreshSeconds(words),
  };
}

/** How often a page is to load itself anew. Undefined: not. */
export function refreshSeconds(words: URLSearchParams): number | undefined {
  return whole(words.get('refresh'), MIN_REFRESH_SECONDS, MAX_REFRESH_SECONDS);
}

function whole(text: string | null, lowest: number, highest: number): number | undefined {
  if (text === null || !/^\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= lowest && value <= highest ? value : undefined;
}
