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
    const check = new WebUsers(compare);
    for (let times = 0; times < 3; times += 1) {
      expect(await check.check(users, basic('ann', 'good'))).toBe('admitted');
      expect(await check.check(users, basic('ann', 'bad'))).toBe('refused');
    }
    expect(asked).toEqual([`good ${HASH}`, `bad ${HASH}`]);
  });

  it('compares for an unknown user too, at the highest cost, and never admits one', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare);
    expect(await check.check(users, basic('eve', 'good'))).toBe('refused');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/^good \$2b\$07\$[./A-Za-z0-9]{53}$/);
    expect(await check.check(users, basic('eve', 'good'))).toBe('refused');
    expect(asked).toHaveLength(1);
  });

  it('forgets what it knew when the hash is another', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare);
    await check.check(users, basic('ann', 'good'));
    await check.check(new Map([['ann', DEARER]]), basic('ann', 'good'));
    expect(asked).toEqual([`good ${HASH}`, `good ${DEARER}`]);
    expect(await check.check(new Map([['bob', DEARER]]), basic('ann', 'good'))).toBe('refused');
  });

  it('keeps who was admitted over a thousand guesses, and few of the guesses', async () => {
    const { asked, compare } = counting();
    const check = new WebUsers(compare);
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
    const check = new WebUsers(compare);
    const many = await Promise.all(Array.from({ length: 5 }, () => check.check(users, basic('ann', 'good'))));
    expect(new Set(many)).toEqual(new Set(['admitted']));
    expect(asked).toHaveLength(1);
    let fails = true;
    const other = new WebUsers(() => {
      if (!fails) return Promise.resolve(true);
      fails = false;
      return Promise.reject(new Error('no memory'));
    });
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
    expect(await new WebUsers(compare).check(users, header)).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('splits at the first colon and takes the scheme in any case', async () => {
    const { asked, compare } = counting();
    await new WebUsers(compare).check(users, `bAsIc  ${Buffer.from('ann:a:b').toString('base64')}`);
    expect(asked).toEqual([`a:b ${HASH}`]);
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
