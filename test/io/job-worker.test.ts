import { afterEach, describe, expect, it } from 'vitest';
import { answerJobs, JobWorker, type JobWorkerOptions } from '../../src/io/job-worker.ts';

/** A thread that does to each number what the job says, `threadId` telling one thread from the next. */
const SCRIPT = `
import { parentPort, threadId } from 'node:worker_threads';
parentPort.on('message', ({ id, job }) => {
  if (job === 'die') process.exit(3);
  if (job === 'throw') throw new Error('boom');
  if (job === 'hang') for (;;) ;
  if (job === 'grow') { const all = []; for (;;) all.push(new Array(1e5).fill(id)); }
  if (job === 'environment') parentPort.postMessage({ id, answer: { ok: true, value: Object.keys(process.env).length } });
  else parentPort.postMessage({ id, answer: { ok: true, value: [job, threadId] } });
});`;
const script = new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`);

const open: JobWorker<string, unknown>[] = [];
function worker(over: Partial<JobWorkerOptions> = {}): JobWorker<string, unknown> {
  const made = new JobWorker<string, unknown>({
    script,
    reader: 'job',
    deadlineMs: 20_000,
    idleMs: 20_000,
    heapMiB: 32,
    maxWaiting: 4,
    ...over,
  });
  open.push(made);
  return made;
}
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

describe('JobWorker', () => {
  it('does jobs one after the other in one thread, which has no environment', async () => {
    const jobs = worker();
    const answers = await Promise.all(['a', 'b', 'c'].map((job) => jobs.ask(job)));
    const [first, second, third] = answers.map((answer) =>
      answer.ok ? (answer.value as [string, number]) : undefined,
    );
    expect([first?.[0], second?.[0], third?.[0]]).toEqual(['a', 'b', 'c']);
    expect(new Set([first?.[1], second?.[1], third?.[1]]).size).toBe(1);
    expect(await jobs.ask('environment')).toEqual({ ok: true, value: 0 });
  });

  it.each(['die', 'throw', 'grow'])('survives a thread that dies: %s', async (job) => {
    const jobs = worker();
    const [bad, good] = await Promise.all([jobs.ask(job), jobs.ask('next')]);
    expect(bad).toMatchObject({ ok: false, miss: { kind: 'failed', reader: 'job' } });
    expect(good).toMatchObject({ ok: true });
  });

  it('gives up a job that takes too long, and goes on', async () => {
    const jobs = worker({ deadlineMs: 1500 });
    const [bad, good] = await Promise.all([jobs.ask('hang'), jobs.ask('next')]);
    expect(bad).toMatchObject({ ok: false, miss: { detail: 'no answer within 1500 ms' } });
    expect(good).toMatchObject({ ok: true });
  });

  it('refuses more jobs than may wait, and all once it is closed', async () => {
    const jobs = worker({ maxWaiting: 1 });
    const answers = ['a', 'b', 'c'].map((job) => jobs.ask(job));
    // The first is under way, the second waits.
    expect(await answers[2]).toMatchObject({ ok: false, miss: { detail: 'too many jobs wait' } });
    jobs.close();
    expect(await answers[0]).toMatchObject({ ok: false, miss: { detail: 'stopped' } });
    expect(await answers[1]).toMatchObject({ ok: false, miss: { detail: 'stopped' } });
    expect(await jobs.ask('d')).toMatchObject({ ok: false, miss: { detail: 'stopped' } });
  });

  it('ends an idle thread and starts another for the next job', async () => {
    const jobs = worker({ idleMs: 1 });
    const first = await jobs.ask('a');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = await jobs.ask('a');
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject({ ok: true });
    expect(second).not.toEqual(first);
  });
});

describe('answerJobs', () => {
  it('answers each message by its id', () => {
    const sent: unknown[] = [];
    let deliver: ((message: { id: number; job: number }) => void) | undefined;
    answerJobs<number, number>(
      {
        on: (_, listener) => {
          deliver = listener;
        },
        postMessage: (value) => void sent.push(value),
      },
      (job) => ({ ok: true, value: job * 2 }),
    );
    deliver?.({ id: 4, job: 21 });
    expect(sent).toEqual([{ id: 4, answer: { ok: true, value: 42 } }]);
  });
});
