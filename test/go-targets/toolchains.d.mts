/** Every Go release there is a toolchain of. */
export const ALL_VERSIONS: readonly string[];
