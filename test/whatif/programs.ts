/** A program of `allocator/` and the settings it is run at. Every pair of settings is a trial: seen at one, predicted for the other. */
export interface Program {
  readonly name: string;
  readonly goVersion: string;
  readonly flags: readonly string[];
  readonly settings: readonly Setting[];
}

/** As in the environment. */
export type Setting = Readonly<Partial<Record<'GOGC' | 'GOMEMLIMIT' | 'GOMAXPROCS', string>>>;

const gogc = (...values: readonly number[]): Setting[] => values.map((value) => ({ GOGC: String(value) }));
/** With GOGC=100, as most programs have it. */
const limits = (...mebibytes: readonly number[]): Setting[] =>
  mebibytes.map((value) => ({ GOMEMLIMIT: `${value}MiB` }));
const flags = (text: string): string[] => text.split(' ');

export const PROGRAMS: readonly Program[] = [
  {
    name: 'small objects in lists, allocating all the time',
    goVersion: '1.27.4',
    flags: flags('-live 64 -shape list -work 1500 -workers 2'),
    settings: [...gogc(25, 50, 100, 200), ...limits(92, 105, 130)],
  },
  {
    name: 'small objects in lists, mostly idle',
    goVersion: '1.22.12',
    flags: flags('-live 64 -shape list -work 200 -workers 2 -pause 5ms'),
    settings: [...gogc(25, 50, 100, 200), ...limits(84, 95, 120)],
  },
  {
    name: 'maps of pointers, half busy',
    goVersion: '1.25.14',
    flags: flags('-live 100 -shape map -work 800 -size 512 -workers 1'),
    settings: [...gogc(50, 100, 300), ...limits(130, 150, 180)],
  },
  {
    name: 'bytes without pointers',
    goVersion: '1.27.4',
    flags: flags('-live 150 -shape flat -work 50 -size 4096 -workers 2'),
    settings: [...gogc(20, 50, 100), ...limits(175, 200)],
  },
  {
    name: 'trees, many stacks',
    goVersion: '1.21.13',
    flags: flags('-live 40 -shape tree -work 1000 -workers 2 -pause 2ms -stacks 1000'),
    settings: [...gogc(50, 100, 200), ...limits(110, 130)],
  },
  {
    name: 'one P',
    goVersion: '1.25.14',
    flags: flags('-live 24 -shape list -work 1000 -workers 1'),
    settings: [...gogc(50, 100, 200), ...limits(40, 50)].map((setting) => ({ ...setting, GOMAXPROCS: '1' })),
  },
];
