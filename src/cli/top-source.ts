import type { TopLook } from '../export/top/top-look.ts';

/** What came of looking once. */
export interface Seen {
  /** Undefined: nothing was seen. */
  readonly look: TopLook | undefined;
  /** Why nothing, or less than everything, could be seen. */
  readonly problem: string | undefined;
}

/** Where looks come from. */
export interface LookSource {
  /** Where that is, for a person. */
  readonly name: string;
  /** Looks now. Does not reject; after {@link close} its answer has no meaning. */
  next(): Promise<Seen>;
  close(): void;
}
