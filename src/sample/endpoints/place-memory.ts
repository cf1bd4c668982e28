import type { Miss } from '../../base/reading.ts';
import { type Candidate, placeOf } from './discover-place.ts';

/** A server that hangs up on HTTP so often in a row speaks something else: HTTP/2 only, or TLS that does not say so. */
const MAX_HANG_UPS = 3;

/** What the places of one process have shown not to speak. Kept while the process lives: nobody is asked twice for what they do not have. */
export class PlaceMemory {
  readonly #reasons = new Map<string, string>();
  readonly #hangUps = new Map<string, number>();

  /** Why a place is not asked; undefined: it may be. */
  leftAlone(candidate: Candidate): string | undefined {
    return this.#reasons.get(keyOf(candidate));
  }

  /** A place that answered has not hung up in a row. */
  answered(candidate: Candidate): void {
    this.#hangUps.delete(keyOf(candidate));
  }

  /** Takes in what became of asking a place. */
  note(candidate: Candidate, miss: Miss): void {
    const key = keyOf(candidate);
    if (miss.kind === 'unsupported') this.#reasons.set(key, miss.detail);
    if (!miss.detail.includes('ECONNRESET')) return;
    const hangUps = (this.#hangUps.get(key) ?? 0) + 1;
    this.#hangUps.set(key, hangUps);
    if (hangUps >= MAX_HANG_UPS) this.#reasons.set(key, `hung up ${hangUps} times: not HTTP/1`);
  }
}

/** A place that is asked in another way is another place: an operator may have said https since. */
function keyOf(candidate: Candidate): string {
  return `${candidate.tls ? 'https' : 'http'} ${placeOf(candidate)}`;
}
