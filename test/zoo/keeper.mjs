// keeper.mjs: runs IN the guest. Shows the agent every fault of cases.mjs and its healthy twin, applies the change that the agent
// proposes as it stands, and writes down what was seen in $OUT/zoo.json: { kernel, cases: [Seen] }, see zoo.test.ts.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cases, growths, nudges } from './cases.mjs';
import { Container, Pod, Unit } from './container.mjs';

const AGENT = 'http://127.0.0.1:10119';
const NAMESPACE = 'zoo';
const wanted = (process.env.ZOO_CASES ?? '').split(',').filter(Boolean);
const atOnce = Number(process.env.ZOO_AT_ONCE ?? 6);
const intervalSeconds = Number(process.env.ZOO_INTERVAL ?? 3);
// One of the faults is a clock that is set, so nothing is measured by it.
const now = () => performance.now();
const seconds = (since) => Math.round((now() - since) / 100) / 10;

const json = (path) =>
  new Promise((resolve) => {
    const request = get(`${AGENT}${path}`, { timeout: 30_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (body += part));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve(response.complete && response.statusCode === 200 ? JSON.parse(body) : undefined),
      );
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });

/** The last look of the agent, fetched once for all cases that ask within a moment. */
let fetched = { at: Number.NEGATIVE_INFINITY, look: Promise.resolve(undefined) };
const look = () => {
  if (now() - fetched.at > 1500) fetched = { at: now(), look: json('/report') };
  return fetched.look;
};

/** Whether a finding is about the node, a unit, or a pod with all that is in it. */
const about =
  (whom) =>
  ({ subject }) => {
    if (whom === 'node') return subject.kind === 'node';
    if (whom instanceof Unit) return subject.cgroupPath === `/${whom.cgroup}`;
    return subject.namespace === whom.namespace && subject.pod === whom.name;
  };
const firing = (report, pod) => report.findings.filter((finding) => finding.state === 'firing' && about(pod)(finding));

/** Waits until `seen` gives something of a report that is newer than this call; undefined when the time is up. */
async function until(limitSeconds, seen) {
  const begin = now();
  const wallBegin = Date.now();
  while (seconds(begin) < limitSeconds) {
    const report = await look();
    if (report !== undefined && Date.parse(report.takenAt) > wallBegin) {
      const value = seen(report);
      if (value !== undefined) return value;
    }
    await sleep(1000);
  }
  return undefined;
}

/** The container's specification after the change that a remedy names, applied as it stands. */
export function patched(spec, patch) {
  const { kind, set } = patch;
  if (kind === 'env') return { ...spec, env: { ...spec.env, ...set } };
  if (kind === 'sysctl')
    for (const [key, value] of Object.entries(set)) writeFileSync(`/proc/sys/${key.replaceAll('.', '/')}`, value);
  if (kind === 'go.mod') return { ...spec, program: 'aware' };
  if (kind === 'resources')
    return {
      ...spec,
      ...(set['limits.cpu'] === undefined ? {} : { cpu: set['limits.cpu'] }),
      ...(set['limits.memory'] === undefined ? {} : { memory: set['limits.memory'] }),
    };
  return spec;
}

/** Waits until the agent has seen the settings of every container's program. */
async function known(...containers) {
  const seen = ({ goProcesses }) =>
    containers.every(({ id }) =>
      goProcesses.some(({ cgroupPath, settings }) => cgroupPath.includes(id) && settings.gomaxprocs?.from === 'memory'),
    );
  await until(180, (report) => (seen(report) ? true : undefined));
  await sleep(7000);
}

/** What `cgopher why` says of a rule that did not fire: for a person who mends the case, or the rule. */
function explained(rule, where) {
  const of = where instanceof Pod ? ['--pod', where.name] : [];
  return new Promise((resolve) => {
    const words = [process.env.AGENT, 'why', '--rule', rule, ...of];
    execFile(process.execPath, words, { timeout: 120_000 }, (_error, out) => resolve(out));
  });
}

async function visit(one) {
  const name = one.name ?? one.rule.replace(/(?<=.)([A-Z])/g, '-$1').toLowerCase();
  const pods = {};
  const start = (which, spec) => {
    if (one.unit === true) return (pods[which] = new Unit(`${name}-${which}`, spec));
    const pod = (pods[which] ??= new Pod(NAMESPACE, `${name}-${which}`, spec.qos, spec.pod));
    return new Container(pod, 'app', spec);
  };
  const seen = { rule: one.rule, name, fault: one.title };
  const began = now();
  let fault = start('fault', one.fault);
  const twin = start('twin', one.twin);
  const where = one.node === true ? 'node' : pods.fault;
  try {
    await one.then?.(fault, twin, { sleep, known });
    const found = await until(one.within ?? 120, (report) =>
      firing(report, where).find((finding) => finding.rule === one.rule),
    );
    if (found === undefined) {
      const { findings, unknown, goProcesses } = await look();
      const lacks = unknown.filter((finding) => finding.rule === one.rule && about(where)(finding));
      const process = goProcesses.find(({ cgroupPath }) => cgroupPath.includes(fault.id));
      const why = await explained(one.rule, where);
      return { ...seen, lacks, pending: findings.filter(about(where)), process, why, log: tail(fault) };
    }
    seen.firedAfterSeconds = seconds(began);
    seen.severity = found.severity;
    seen.summary = found.summary;
    seen.remedy = found.remedy;
    const report = await look();
    seen.beside = firing(report, pods.fault)
      .map(({ rule }) => rule)
      .filter((rule) => rule !== one.rule);
    seen.twinFires = firing(report, pods.twin).map(({ rule }) => rule);
    seen.twinLacks = report.unknown
      .filter((finding) => finding.rule === one.rule && about(pods.twin)(finding))
      .flatMap(({ missing }) => missing);
    const change = found.remedy.patch ?? one.byHand;
    if (change === undefined) return seen;
    await fault.stop();
    const changedAt = now();
    fault = start('fault', one.change === undefined ? patched(one.fault, change) : one.change(one.fault, change));
    const { id } = fault;
    // Clear means judged: the new process is known, and the rule neither fires nor lacks an input.
    const mine = ({ subject }) => subject.cgroupPath?.includes(id) || about(where)({ subject });
    const judged = (fresh) =>
      fresh.goProcesses.some((process) => process.cgroupPath.includes(id)) &&
      !fresh.findings.some((finding) => finding.rule === one.rule && finding.state !== 'resolved' && mine(finding)) &&
      !fresh.unknown.some((finding) => finding.rule === one.rule && mine(finding));
    const cleared = await until(one.clearWithin ?? 120, (fresh) => (judged(fresh) ? true : undefined));
    if (cleared === undefined) {
      const last = await look();
      return {
        ...seen,
        still: firing(last, where).map(({ rule, summary }) => `${rule}: ${summary}`),
        unknown: last.unknown.filter((finding) => finding.rule === one.rule && mine(finding)),
      };
    }
    seen.clearedAfterSeconds = seconds(changedAt);
    // As long again as it took to fire, and it must not come back.
    const back = await until(Math.min(seen.firedAfterSeconds, 90), (fresh) => (judged(fresh) ? undefined : true));
    seen.cameBack = back !== undefined;
    seen.twinFires = [...new Set([...seen.twinFires, ...firing(await look(), pods.twin).map(({ rule }) => rule)])];
    return seen;
  } finally {
    await Promise.all([fault.stop(), twin.stop()]);
    await one.after?.();
  }
}

const tail = ({ pod, name }) => {
  if (pod === undefined) return '';
  return readFileSync(`/var/log/pods/${pod.namespace}_${pod.name}_${pod.uid}/${name}/0.log`, 'utf8').slice(-400);
};

/** Lets programs grow into their limit: when did the rule fire, and when did the kernel kill? */
async function foretell(one) {
  const runs = Array.from({ length: one.runs }, async (_, run) => {
    const pod = new Pod(NAMESPACE, `${one.name}-${run}`, 'burstable');
    const container = new Container(pod, 'app', one.fault);
    const began = now();
    let firedAt;
    while (container.kills === 0 && seconds(began) < one.within) {
      const report = firedAt === undefined ? await look() : undefined;
      if (report !== undefined && firing(report, pod).some(({ rule }) => rule === one.rule)) firedAt = now();
      await sleep(200);
    }
    const killed = container.kills > 0;
    const livedSeconds = seconds(began);
    const leadSeconds = firedAt === undefined ? undefined : seconds(firedAt);
    await container.stop();
    return killed ? [{ rule: one.rule, fault: one.title, intervalSeconds, leadSeconds, livedSeconds }] : [];
  });
  kills.push(...(await Promise.all(runs)).flat());
  store();
  process.stdout.write(
    `zoo: ${one.title}: ${kills.filter(({ fault, leadSeconds }) => fault === one.title && leadSeconds !== undefined).length} of ${one.runs} foretold\n`,
  );
}

/** How long a program lives that may be asked for collections, beside one that may not; watched for `lives` lives of the latter. */
async function outlive(one) {
  const [asked, left] = ['nudged', NAMESPACE].map(
    (namespace) => new Container(new Pod(namespace, one.name, 'burstable'), 'app', one.fault()),
  );
  const began = now();
  const forced = async () =>
    (await look())?.goProcesses.find(({ cgroupPath }) => cgroupPath.includes(asked.id))?.runtime.forcedGcCycles?.value;
  await known(asked, left);
  const forcedBefore = await forced();
  const lived = async (container, limitSeconds) => {
    while (container.kills === 0 && seconds(began) < limitSeconds()) await sleep(200);
    return { seconds: seconds(began), killed: container.kills > 0 };
  };
  const leftLived = await lived(left, () => one.within);
  const askedLived = await lived(asked, () => one.lives * leftLived.seconds);
  const collections = (await forced()) - forcedBefore;
  await Promise.all([asked.stop(), left.stop()]);
  nudged.push({ fault: one.title, left: leftLived, asked: askedLived, collections });
  store();
  process.stdout.write(`zoo: ${one.title}: ${JSON.stringify(nudged.at(-1))}\n`);
}

const isWanted = ({ rule, name }) => wanted.length === 0 || wanted.includes(rule) || wanted.includes(name);
const todo = cases.filter(isWanted);
const results = [];
const kills = [];
const nudged = [];
const store = () =>
  writeFileSync(
    `${process.env.OUT}/zoo.json`,
    `${JSON.stringify({ kernel: release(), takenOn: new Date().toISOString().slice(0, 10), cases: results, kills, nudged }, undefined, 1)}\n`,
  );
async function work(queue) {
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    const seen = await visit(one).catch((error) => ({
      rule: one.rule,
      fault: one.title,
      error: String(error?.stack ?? error),
    }));
    results.push(seen);
    process.stdout.write(
      `zoo: ${seen.rule}: ${seen.error ?? `fired after ${seen.firedAfterSeconds ?? 'never'} s, twin ${seen.twinFires?.includes(seen.rule) ? 'NOT silent' : 'silent'}, clear after ${seen.clearedAfterSeconds ?? '-'} s`}\n`,
    );
    store();
  }
}
// Those that take long need little of the machine and run beside everything else. What needs all of it goes one by one.
const LONG = 600;
const long = todo.filter((one) => one.within > LONG);
const alone = todo.filter((one) => one.alone);
const together = todo.filter((one) => !long.includes(one) && !alone.includes(one));
const slow = Promise.all(long.map((one) => work([one])));
await Promise.all(Array.from({ length: atOnce }, () => work(together)));
for (const one of growths.filter(isWanted)) await foretell(one);
for (const one of nudges.filter(isWanted)) await outlive(one);
await work(alone);
await slow;
store();
// Neighbours that nobody stopped would keep it waiting.
process.exit();
