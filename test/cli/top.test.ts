import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isUtf8 } from '../../src/cli/top.ts';
import { type LiveOptions, live } from '../../src/cli/top-live.ts';
import { type PlainOptions, plainTables } from '../../src/cli/top-plain.ts';
import type { LookSource, Seen } from '../../src/cli/top-source.ts';
import { urlSource } from '../../src/cli/top-url.ts';
import type { TopLook } from '../../src/export/top/top-look.ts';
import { smallLook } from '../export/top/looks.ts';

/** A source that gives these one after the other, the last again and again. A fake: it looks at nothing. */
function sourceOf(...looks: readonly Seen[]): LookSource & { asked: number } {
  const source = {
    name: 'a fake',
    asked: 0,
    next: () => {
      const seen = looks[Math.min(source.asked, looks.length - 1)]!;
      source.asked += 1;
      return Promise.resolve(seen);
    },
    close: () => undefined,
  };
  return source;
}
const seen = (over: Partial<TopLook> = {}): Seen => ({ look: { ...smallLook, ...over }, problem: undefined });
const never = new Promise<string>(() => undefined);

/** Keyboard and screen as streams: a fake terminal that remembers what it was told. */
function fakeTerminal() {
  const raw: boolean[] = [];
  let written = '';
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  output.on('data', (text: Buffer) => {
    written += text.toString('utf8');
  });
  const until = async (what: string): Promise<void> => {
    for (let tries = 0; !written.includes(what); tries += 1) {
      if (tries === 500) throw new Error(`never written: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { input, output, raw, until, written: () => written };
}
const BACK = '\u001b[?7h\u001b[?25h\u001b[?1049l';

describe('live', () => {
  const start = (source: LookSource, over: Partial<LiveOptions> = {}) => {
    const terminal = fakeTerminal();
    const { input, output } = terminal;
    const ended = live(source, {
      input,
      output,
      color: false,
      unicode: true,
      intervalMs: 60_000,
      stopped: never,
      ...over,
    });
    return { ...terminal, ended };
  };
  const isRestored = ({ raw, written, input }: ReturnType<typeof start>): void => {
    expect(raw).toEqual([true, false]);
    expect(written().endsWith(BACK)).toBe(true);
    expect(written().split(BACK)).toHaveLength(2);
    expect(input.listenerCount('keypress')).toBe(0);
    expect(process.listenerCount('SIGHUP')).toBe(0);
  };

  it('ends with q and with Ctrl-C', async () => {
    for (const key of ['q', '\u0003']) {
      const running = start(sourceOf(seen()));
      await running.until('shop/app-0/app');
      running.input.write(key);
      await running.ended;
      isRestored(running);
    }
  });

  it('ends when it is told to stop, also while it looks', async () => {
    let stop: (signal: string) => void = () => undefined;
    const stopped = new Promise<string>((resolve) => {
      stop = resolve;
    });
    const running = start({ ...sourceOf(seen()), next: () => new Promise<Seen>(() => undefined) }, { stopped });
    await running.until('collecting: looking at a fake');
    stop('SIGTERM');
    await running.ended;
    isRestored(running);
  });

  it('ends when the terminal goes away', async () => {
    const running = start(sourceOf(seen()));
    await running.until('shop/app-0/app');
    running.input.end();
    await running.ended;
    isRestored(running);
  });

  it('gives the terminal back before it tells of an error', async () => {
    const broken = {
      get workloads(): never {
        throw new Error('broken');
      },
    } as unknown as TopLook;
    const atDraw = start(sourceOf({ look: broken, problem: undefined }));
    await expect(atDraw.ended).rejects.toThrow('broken');
    isRestored(atDraw);

    let breaks = false;
    const later = {
      ...smallLook,
      get workloads() {
        if (breaks) throw new Error('broken by a key');
        return smallLook.workloads;
      },
    };
    const atKey = start(sourceOf({ look: later, problem: undefined }));
    await atKey.until('shop/app-0/app');
    breaks = true;
    atKey.input.write('j');
    await expect(atKey.ended).rejects.toThrow('broken by a key');
    isRestored(atKey);
  });

  it('knows the keys as terminals send them', async () => {
    const running = start(sourceOf(seen()));
    await running.until('> shop/app-0/app');
    running.input.write('\u001b[B');
    await running.until('> /system.slice/silent.s..');
    running.input.write('\u001b[H\r');
    await running.until('app (pid 7), go1.26.4');
    running.input.write('\u001b[6~');
    // 34 lines in the 21 of the page.
    await running.until('lines 14-34 of 34');
    // What is pasted is typed; an odd key is passed over.
    running.input.write('\u007f\u001b[15~/sil');
    await running.until('filter "sil": 1 of 2');
    running.input.write('\u0015夜');
    await running.until('/夜_');
    running.input.write('\u0003');
    await running.ended;
  });

  it('says that rates are still to come, and draws anew when the size changes', async () => {
    const running = start(sourceOf(seen({ windowSeconds: undefined })));
    await running.until('collecting: rates and runtimes come with the second look, in 60 s');
    running.output.columns = 140;
    running.output.emit('resize');
    await running.until('THROTTLED');
    running.input.write('q');
    await running.ended;
  });
});

describe('tables for what is no terminal', () => {
  const print = async (source: LookSource, over: Partial<PlainOptions> = {}) => {
    let out = '';
    let err = '';
    const status = await plainTables(source, {
      out: (text) => {
        out += text;
      },
      progress: (text) => {
        err += `${text}\n`;
      },
      columns: 120,
      color: false,
      unicode: true,
      once: true,
      intervalMs: 1,
      stopped: never,
      ...over,
    });
    return { status, out, err };
  };

  it('pass over the first look, which has no rates, and end after one with --once', async () => {
    const source = sourceOf(seen({ windowSeconds: undefined, hostname: 'first' }), seen());
    const { status, out, err } = await print(source);
    expect([status, source.asked]).toEqual([0, 2]);
    expect(out).not.toContain('first');
    expect(out.trimEnd().split('\n')).toHaveLength(4);
    expect(err).toBe('collecting: rates come with the second look, in 0.001 s ...\n');
  });

  it('end with 2 when nothing, or less than it should be, was seen', async () => {
    expect(await print(sourceOf({ look: undefined, problem: 'no answer' }))).toEqual({
      status: 2,
      out: '',
      err: 'cgopher top: no answer\n',
    });
    const partly = await print(sourceOf({ ...seen(), problem: 'cgroup v1' }));
    expect(partly.status).toBe(2);
    expect(partly.out).toContain('shop/app-0/app');
  });

  it('do not pass on what a terminal would obey, from an agent that was looked at', async () => {
    const problem = 'no\u001b]0;owned\u0007 answer\r\n\u009b2Jrm -rf';
    const { err } = await print(sourceOf({ look: undefined, problem }));
    expect(err).toMatch(/^cgopher top: no.* answer.*rm -rf\n$/);
    expect(err.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  });

  it('come one after the other until they are told to stop', async () => {
    let stop: (signal: string) => void = () => undefined;
    const stopped = new Promise<string>((resolve) => {
      stop = resolve;
    });
    const source = sourceOf(seen());
    const stopping: LookSource = {
      ...source,
      next: () => {
        if (source.asked === 3) stop('SIGTERM');
        return source.next();
      },
    };
    const { status, out } = await print(stopping, { once: false, stopped });
    expect(status).toBe(0);
    expect(out.match(/^ {2}WORKLOAD/gm)?.length).toBeGreaterThanOrEqual(3);
  });

  it('end as a failure when there was none yet and --once asked for one', async () => {
    const source = { ...sourceOf(seen()), next: () => new Promise<Seen>(() => undefined) };
    await expect(print(source, { stopped: Promise.resolve('SIGTERM') })).rejects.toThrow('stopped by SIGTERM');
  });
});

it.each(['nonsense', 'ftp://127.0.0.1/', 'http://user:secret@127.0.0.1/'])(
  '%s is no address of an agent',
  async (url) => {
    await expect(urlSource(url)).rejects.toThrow('--url');
  },
);

it.each([
  [{ LANG: 'C.UTF-8' }, true],
  [{ LANG: 'de_DE.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LC_ALL: 'C', LANG: 'C.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'en_US.UTF-8', LANG: 'C' }, true],
])('the locale of %j', (environment, utf8) => {
  expect(isUtf8(environment)).toBe(utf8);
});
