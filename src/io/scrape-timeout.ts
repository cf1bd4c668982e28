/** Kept free for the answer to travel, as the black-box exporter does. */
const MARGIN_MS = 500;

/** X-Prometheus-Scrape-Timeout-Seconds in milliseconds; undefined when absent or not a positive number. */
export function scrapeTimeoutOf(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && header.length < 32 ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** How long an answer may take: the timeout less half a second, and never less than half of it. */
export function answerBudgetMs(scrapeTimeoutMs: number): number {
  return Math.max(scrapeTimeoutMs / 2, scrapeTimeoutMs - MARGIN_MS);
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What `work` gives, or undefined when that takes longer. Work that is late is not stopped, and its failure is nobody's. */
export async function within<T>(budgetMs: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.min(budgetMs, LONGEST_TIMER_MS), undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
