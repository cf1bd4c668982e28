import { hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { comparePassword } from '../../src/io/bcrypt.ts';
import { WebUsers } from '../../src/io/web-users.ts';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const HASH = `$2b$05$${'a'.repeat(53)}`;
const DEARER = `$2y$07$${'b'.repeat(53)}`;
const users = new Map([
  ['ann', HASH],
  ['bob', DEARER],
]);

/** Time that does not pass: no comparison takes any. */
const still = (): number => 0;

/** Takes `good` as the password of every hash, and notes what it was asked. */
function counting(): {
  readonly asked: string[];
  readonly compare: (password: string, hash: string) => Promise<boolean>;
} {
  const asked: string[] = [];
  return {
    asked,
    compare: (password, hash) => {
      asked.push(`${password} ${hash}`);
      return Promise.resolve(password === 'good');
    },
  };
}

describe('WebUsers', () => {
  it('compares a pair once, right or wrong', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare, still);
    for (let times = 0; times < 3; times += 1) {
      expect(await check.check(users, basic('ann', 'good'))).toBe('admitted');
      expect(await check.check(users, basic('ann', 'bad'))).toBe('refused');
    }
    expect(asked).toEqual([`good ${HASH}`, `bad ${HASH}`]);
  });

  it('compares for an unknown user too, at the highest cost, and never admits one', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare, still);
    expect(await check.check(users, basic('eve', 'good'))).toBe('refused');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/^good \$2b\$07\$[./A-Za-z0-9]{53}$/);
    expect(await check.check(users, basic('eve', 'good'))).toBe('refused');
    expect(asked).toHaveLength(1);
  });

  it('forgets what it knew when the hash is another', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare, still);
    await check.check(users, basic('ann', 'good'));
    await check.check(new Map([['ann', DEARER]]), basic('ann', 'good'));
    expect(asked).toEqual([`good ${HASH}`, `good ${DEARER}`]);
    expect(await check.check(new Map([['bob', DEARER]]), basic('ann', 'good'))).toBe('refused');
  });

  it('keeps who was admitted over a thousand guesses, and few of the guesses', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare, still);
    await check.check(users, basic('ann', 'good'));
    for (let guess = 0; guess < 1000; guess += 1) await check.check(users, basic('ann', `guess ${guess}`));
    asked.length = 0;
    expect(await check.check(users, basic('ann', 'good'))).toBe('admitted');
    expect(asked).toEqual([]);
    await check.check(users, basic('ann', 'guess 999'));
    expect(asked).toEqual([]);
    await check.check(users, basic('ann', 'guess 0'));
    expect(asked).toHaveLength(1);
  });

  it('does one comparison at a time and lets no more than 16 wait', async () => {
    const going: (() => void)[] = [];
    const check = new WebUsers(
      () =>
        new Promise((resolve) => {
          going.push(() => {
            resolve(false);
          });
        }),
      still,
    );
    const checks = Array.from({ length: 20 }, (_, at) => check.check(users, basic('ann', String(at))));
    expect(await Promise.all(checks.slice(16))).toEqual(['busy', 'busy', 'busy', 'busy']);
    const running = async (): Promise<void> => {
      while (going.length === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    for (let done = 0; done < 16; done += 1) {
      await running();
      expect(going).toHaveLength(1);
      going.pop()!();
    }
    expect(await Promise.all(checks.slice(0, 16))).toEqual(Array.from({ length: 16 }, () => 'refused'));
  });

  it('compares once for the same pair asked by several at once, and goes on after a comparison that failed', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare, still);
    const many = await Promise.all(Array.from({ length: 5 }, () => check.check(users, basic('ann', 'good'))));
    expect(new Set(many)).toEqual(new Set(['admitted']));
    expect(asked).toHaveLength(1);
    let fails = true;
    const other = new WebUsers(() => {
      if (!fails) return Promise.resolve(true);
      fails = false;
      return Promise.reject(new Error('no memory'));
    }, still);
    await expect(other.check(users, basic('ann', 'x'))).rejects.toThrow('no memory');
    expect(await other.check(users, basic('ann', 'x'))).toBe('admitted');
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ???',
    'Bearer YW5uOmdvb2Q=',
    `Basic ${Buffer.from('ann').toString('base64')}`,
  ])('refuses %j without a comparison', async (header) => {
    const { asked, compare } = counting();
    expect(await new WebUsers(compare, still).check(users, header)).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('splits at the first colon and takes the scheme in any case', async () => {
    const { asked, compare } = counting();
    await new WebUsers(compare, still).check(users, `bAsIc  ${Buffer.from('ann:a:b').toString('base64')}`);
    expect(asked).toEqual([`a:b ${HASH}`]);
  });
});

describe('wrong passwords', () => {
  /** Each comparison takes `tookMs` of a fake clock. 500 ms are saved up at first, and 50 ms earned each second. */
  const taking = (tookMs: number) => {
    const clock = { ms: 0 };
    const { asked, compare } = counting();
    const check = new WebUsers(
      (password, hash) => {
        clock.ms += tookMs;
        return compare(password, hash);
      },
      () => clock.ms,
    );
    return { clock, asked, say: (user: string, password: string) => check.check(users, basic(user, password)) };
  };

  it('of made-up users have a budget of computing, and do not spend that of users', async () => {
    const { clock, asked, say } = taking(600);
    expect(await say('eve', '1')).toBe('refused');
    // 500 - 600: in debt by 100 ms, which takes 2 s to earn.
    expect(await say('mallory', '2')).toBe('busy');
    clock.ms += 2000;
    expect(await say('mallory', '3')).toBe('busy');
    clock.ms += 20;
    expect(await say('mallory', '4')).toBe('refused');
    expect(await say('mallory', '5')).toBe('busy');
    expect(asked).toHaveLength(2);
    expect(await say('ann', 'good')).toBe('admitted');
  });

  it('of users have one too; who was let in is not affected, and what was refused costs nothing', async () => {
    const { asked, say } = taking(600);
    expect(await say('ann', 'good')).toBe('admitted');
    expect(await say('ann', 'bad')).toBe('refused');
    expect(await say('ann', 'worse')).toBe('busy');
    expect(await say('bob', 'good')).toBe('busy');
    expect(await say('ann', 'good')).toBe('admitted');
    expect(await say('ann', 'bad')).toBe('refused');
    expect(asked).toHaveLength(2);
    expect(await say('eve', 'bad')).toBe('refused');
  });

  it('spend; right ones do not', async () => {
    const { say } = taking(600);
    for (const user of ['ann', 'bob']) expect(await say(user, 'good')).toBe('admitted');
    expect(await say('ann', 'bad')).toBe('refused');
  });

  it('are in debt by 5 s at most, and save up 500 ms at most', async () => {
    const { clock, say } = taking(3_600_000);
    expect(await say('eve', '1')).toBe('refused');
    clock.ms += 100_000;
    expect(await say('eve', '2')).toBe('busy');
    clock.ms += 3_600_000;
    expect(await say('eve', '3')).toBe('refused');
    expect(await say('eve', '4')).toBe('busy');
  });

  it('of made-up users wait in 12 of the 16 places', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const check = new WebUsers(async (password) => {
      await held;
      return password === 'good';
    }, still);
    const guesses = Array.from({ length: 13 }, (_, at) => check.check(users, basic('eve', String(at))));
    expect(await guesses[12]).toBe('busy');
    const kept = Array.from({ length: 4 }, () => check.check(users, basic('ann', 'good')));
    expect(await check.check(users, basic('ann', 'good'))).toBe('busy');
    go();
    expect(await Promise.all(kept)).toEqual(['admitted', 'admitted', 'admitted', 'admitted']);
    expect(new Set(await Promise.all(guesses.slice(0, 12)))).toEqual(new Set(['refused']));
  });
});

it('takes hashes of htpasswd and bcrypt', async () => {
  // $2y$ is how htpasswd names what others call $2b$.
  const hash = hashSync('påss', 4).replace('$2b$', '$2y$');
  expect(await comparePassword('påss', hash)).toBe(true);
  expect(await comparePassword('pass', hash)).toBe(false);
  // The documented example of the exporter toolkit's fixed hash, of the password "fakepassword".
  const toolkits = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';
  expect(await comparePassword('fakepassword', toolkits)).toBe(true);
});
