/** A line of a *.pressure file (Documentation/accounting/psi.rst). The three averages differ by nothing but their damping. */
function pressureLine(kind: 'some' | 'full', share: number, totalUsec: number): string {
  const percent = (factor: number) => (share * 100 * factor).toFixed(2);
  return `${kind} avg10=${percent(1)} avg60=${percent(0.98)} avg300=${percent(0.97)} total=${totalUsec}\n`;
}

/** A whole *.pressure file from shares (0..1) and totals in microseconds. */
export function pressureFile(some: number, someUsec: number, full: number, fullUsec: number): string {
  return pressureLine('some', some, someUsec) + pressureLine('full', full, fullUsec);
}
