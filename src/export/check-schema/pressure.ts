import * as z from 'zod';
import { number } from './values.ts';

const stall = z.strictObject({
  stalledSecondsTotal: number,
  stalledRatio: number.optional(),
  avg10Ratio: number,
  avg60Ratio: number,
  avg300Ratio: number,
});
const pressure = z.strictObject({ some: stall.optional(), full: stall.optional() });

/** Pressure stall information of a cgroup or of the node. */
export const pressuresSchema = z.strictObject({
  cpu: pressure.optional(),
  memory: pressure.optional(),
  io: pressure.optional(),
  irq: pressure.optional(),
});
