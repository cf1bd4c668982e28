import { createHmac, randomBytes } from 'node:crypto';
import { GuessBudget } from './web-guess-budget.ts';

const MAX_WAITING = 16;
/** Places only users of the file may take, so that made-up names cannot fill them all. */
const KEPT_FOR_USERS = 4;
const MAX_REFUSED_KEPT = 100;
/** Forms a hash nobody has the password of: 22 letters of salt, 31 of hash. */
const NOBODYS_SALT_AND_HASH = 'QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZxVcEd00UAVxLDeSi';

/** Whether a password fits a bcrypt hash. Takes a tenth of a second and more of computing. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

/**
 * Checks Basic authentication (RFC 7617). One comparison at a time, and none for what was compared before: answers are remembered
 * by a hash with a key of this process, those that let in apart from the others, so that guessing cannot push them out. An unknown
 * user costs what a known one does. Wrong passwords have a budget of computing, those of unknown users one of their own.
 */
export class WebUsers {
  readonly #compare: ComparePassword;
  readonly #nowMs: () => number;
  readonly #guesses: { readonly ofUsers: GuessBudget; readonly ofStrangers: GuessBudget };
  readonly #secret = randomBytes(32);
  readonly #admitted = new Set<string>();
  readonly #refused = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `nowMs` is monotonic. */
  constructor(compare: ComparePassword, nowMs: () => number) {
    this.#compare = compare;
    this.#nowMs = nowMs;
    this.#guesses = { ofUsers: new GuessBudget(nowMs), ofStrangers: new GuessBudget(nowMs) };
  }

  /** `busy` when too many comparisons wait already, or wrong passwords took too much computing. `authorization` is the header as sent. */
  async check(
    users: ReadonlyMap<string, string>,
    authorization: string | undefined,
  ): Promise<'admitted' | 'refused' | 'busy'> {
    const given = credentialsOf(authorization);
    if (given === undefined) return 'refused';
    const known = users.get(given.user);
    const hash = known ?? nobodysHash(users);
    const key = this.#keyOf([given.user, hash, given.password]);
    const before = this.#answered(key);
    if (before !== undefined) return before;
    if (this.#waiting >= (known === undefined ? MAX_WAITING - KEPT_FOR_USERS : MAX_WAITING)) return 'busy';
    const guesses = known === undefined ? this.#guesses.ofStrangers : this.#guesses.ofUsers;
    this.#waiting += 1;
    const turn = this.#queue.then(async () => {
      // The one before may have asked the same.
      const meanwhile = this.#answered(key);
      if (meanwhile !== undefined) return meanwhile;
      if (guesses.isSpent()) return 'busy';
      const beganMs = this.#nowMs();
      const fits = await this.#compare(given.password, hash);
      const admitted = known !== undefined && fits;
      // A right one is computed once and remembered, so that nobody can spend with it.
      if (!admitted) guesses.spend(this.#nowMs() - beganMs);
      return this.#remember(key, admitted, users.size);
    });
    this.#queue = turn.catch(() => undefined);
    return turn.finally(() => {
      this.#waiting -= 1;
    });
  }

  #answered(key: string): 'admitted' | 'refused' | undefined {
    if (this.#admitted.has(key)) return 'admitted';
    return this.#refused.has(key) ? 'refused' : undefined;
  }

  #remember(key: string, admitted: boolean, users: number): 'admitted' | 'refused' {
    const kept = admitted ? this.#admitted : this.#refused;
    // A user has one password, so more than this are of hashes that were replaced.
    const room = admitted ? 2 * users : MAX_REFUSED_KEPT;
    for (const oldest of kept) {
      if (kept.size < room) break;
      kept.delete(oldest);
    }
    kept.add(key);
    return admitted ? 'admitted' : 'refused';
  }

  #keyOf(parts: readonly string[]): string {
    return createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest('base64');
  }
}

function credentialsOf(
  authorization: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** As costly as the costliest hash there is. */
function nobodysHash(users: ReadonlyMap<string, string>): string {
  let cost = 4;
  for (const hash of users.values()) cost = Math.max(cost, Number(hash.slice(4, 6)));
  return `$2b$${String(cost).padStart(2, '0')}$${NOBODYS_SALT_AND_HASH}`;
}
