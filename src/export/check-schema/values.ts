import * as z from 'zod';

/** A number that was read. */
export const number = z.number();
/** A limit of a cgroup: `max` is none. */
export const limit = z.union([z.number(), z.literal('max')]);
/** Which cgroup, own or above, something is of. */
export const level = z.enum(['container', 'sub-container', 'pod', 'qos', 'kubepods', 'slice', 'unit', 'node']);

const provenance = z.enum(['endpoint', 'memory', 'build', 'kernel', 'environment', 'config', 'inferred']);

/** A value with where it comes from. */
export const known = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, from: provenance, detail: z.string().optional(), ageSeconds: number.optional() });

/** Numbers of these names, each left out when it was not read. */
export const numbers = <K extends string>(...keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, number.optional()])) as Record<K, z.ZodOptional<z.ZodNumber>>;

/** As {@link numbers}, each with its source. */
export const knownNumbers = <K extends string>(...keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, known(number).optional()])) as Record<
    K,
    z.ZodOptional<ReturnType<typeof known<z.ZodNumber>>>
  >;
