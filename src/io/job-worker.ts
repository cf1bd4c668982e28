import { Worker } from 'node:worker_threads';
import { missed, type Reading } from '../base/reading.ts';

export interface JobWorkerOptions {
  /** A module that answers each message `{ id, job }` with `{ id, answer }`. */
  readonly script: URL;
  /** Names the reader in misses. */
  readonly reader: string;
  /** A job that takes longer is given up, and the thread with it. */
  readonly deadlineMs: number;
  /** The thread ends when it has had nothing to do for so long: its memory goes back. */
  readonly idleMs: number;
  /** Cap on the thread's heap in MiB; at it the thread ends and the job has failed. */
  readonly heapMiB: number;
  /** Jobs that may wait; more are refused. */
  readonly maxWaiting: number;
}

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly done: (answer: Reading<Answer>) => void;
}

/** Does jobs one at a time in a thread of its own, which is there only while there is work. */
export class JobWorker<Job, Answer> {
  readonly #options: JobWorkerOptions;
  readonly #queue: Waiting<Job, Answer>[] = [];
  #worker: Worker | undefined;
  #current: (Waiting<Job, Answer> & { readonly id: number }) | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 0;
  #closed = false;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
  }

  /** The answer, or `failed`: too many jobs wait, the job took too long, or the thread died of it. Never rejects. */
  ask(job: Job): Promise<Reading<Answer>> {
    return new Promise((done) => {
      if (this.#closed || this.#queue.length >= this.#options.maxWaiting) {
        done(this.#failed(this.#closed ? 'stopped' : 'too many jobs wait'));
        return;
      }
      this.#queue.push({ job, done });
      this.#next();
    });
  }

  /** Ends the thread. Jobs that wait have failed. */
  close(): void {
    this.#closed = true;
    this.#end('stopped');
    for (const { done } of this.#queue.splice(0)) done(this.#failed('stopped'));
  }

  #next(): void {
    clearTimeout(this.#idle);
    if (this.#current !== undefined) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) {
      this.#idle = setTimeout(() => {
        this.#end('idle');
      }, this.#options.idleMs);
      this.#idle.unref();
      return;
    }
    const id = this.#nextId++;
    this.#current = { ...waiting, id };
    this.#deadline = setTimeout(() => {
      this.#end(`no answer within ${this.#options.deadlineMs} ms`);
      this.#next();
    }, this.#options.deadlineMs);
    try {
      const worker = this.#thread();
      worker.ref();
      worker.postMessage({ id, job: waiting.job });
    } catch (error) {
      // No thread can be had: too many are on the node, or in the agent's cgroup.
      this.#end(error instanceof Error ? error.message : String(error));
      this.#next();
    }
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#options.script, {
      env: {},
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMiB, maxYoungGenerationSizeMb: 4 },
    });
    worker.on('message', ({ id, answer }: { readonly id: number; readonly answer: Reading<Answer> }) => {
      if (this.#current?.id !== id) return;
      this.#finish(answer);
      this.#next();
    });
    const died = (why: string): void => {
      if (this.#worker !== worker) return;
      this.#end(why);
      if (!this.#closed) this.#next();
    };
    worker.on('error', (error) => {
      died(error instanceof Error ? error.message : String(error));
    });
    worker.on('exit', () => {
      died('the thread ended');
    });
    this.#worker = worker;
    return worker;
  }

  #finish(answer: Reading<Answer>): void {
    clearTimeout(this.#deadline);
    // A thread that waits for work must not keep the program from ending.
    this.#worker?.unref();
    const current = this.#current;
    this.#current = undefined;
    current?.done(answer);
  }

  #end(why: string): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    if (this.#current !== undefined) this.#finish(this.#failed(why));
  }

  #failed(detail: string): Reading<never> {
    return missed('failed', this.#options.reader, this.#options.script.pathname.split('/').at(-1) ?? '', detail);
  }
}

/** In the thread: answers each job in turn. */
export function answerJobs<Job, Answer>(
  port: {
    on(event: 'message', listener: (message: { id: number; job: Job }) => void): unknown;
    postMessage(value: unknown): void;
  },
  work: (job: Job) => Reading<Answer>,
): void {
  port.on('message', ({ id, job }) => {
    port.postMessage({ id, answer: work(job) });
  });
}
