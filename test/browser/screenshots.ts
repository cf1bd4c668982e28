import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, startChromium } from './chromium.ts';
import { steppedDemo } from './stepped-demo.ts';

/* Takes the pictures of the documentation: the agent on the simulated node, after an hour of its time. Its one argument is where to. */

const MINUTES = 60;
/** The same pictures whenever they are taken. */
const START = Date.parse('2026-03-02T09:00:00Z');

const target = process.argv[2] ?? 'docs/images';
const version = process.argv[3] ?? '';
const found = findChromium();
if ('missing' in found) throw new Error(found.missing);
mkdirSync(target, { recursive: true });

const demo = await steppedDemo(version, START);
for (let minute = 0; minute < MINUTES; minute += 1) {
  await demo.pass(1);
  process.stderr.write(`\r${minute + 1} of ${MINUTES} minutes`);
}
process.stderr.write('\n');

const browser = await startChromium(found.path);
const shots = [
  { name: 'status-page', path: '/', width: 1200, height: 930, colorScheme: 'light', from: undefined },
  { name: 'status-workloads', path: '/', width: 1280, height: 820, colorScheme: 'light', from: '#workloads' },
  {
    name: 'status-workload',
    path: demo.workloadPath('thumbnailer'),
    width: 1200,
    height: 1000,
    colorScheme: 'light',
    from: '#now',
  },
  { name: 'status-phone', path: '/', width: 390, height: 1100, colorScheme: 'dark', from: undefined },
] as const;
for (const { name, path, width, height, colorScheme, from } of shots) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  await page.goto(demo.url + path);
  if (from !== undefined) await page.evaluate(`document.querySelector(${JSON.stringify(from)}).scrollIntoView()`);
  await page.screenshot({ path: join(target, `${name}.png`), timeout: 120_000 });
  await context.close();
}
await browser.close();
await demo.close();
