/** Far above what anything takes, for machines under load: a bound on waiting, not on how long a thing may take. */
const PATIENCE_MS = 150_000;

/** Looks again and again until there is something; throws with what was waited for when it does not come. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
