import { parentPort } from 'node:worker_threads';
import { answerJobs } from './io/job-worker.ts';
import { resolveExecutable } from './sample/runtime-memory/resolver.ts';

/** The thread that looks for runtime variables in executables. */
if (parentPort !== null) answerJobs(parentPort, resolveExecutable);
