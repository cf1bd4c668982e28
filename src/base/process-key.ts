/** Names a process for as long as it lives: `pid@start time in clock ticks`. The number alone is given to another one later. */
export function processKey({ pid, startTimeTicks }: { readonly pid: number; readonly startTimeTicks: number }): string {
  return `${pid}@${startTimeTicks}`;
}
