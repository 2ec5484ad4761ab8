// Jobs are asked about in turns until each has ended; a network that is away for a while is waited for.

import { call, Problem } from "./api";
import type { Job } from "./types";

export const pace = { everyMs: 2000, longestMs: 20_000 }; // between questions; tests have no time

/** Tell *onChange* of each job's news until all are done or *signal* is aborted. Throws: Problem, if it will not pass. */
export async function follow(jobs: Job[], onChange: (job: Job) => void, signal: AbortSignal): Promise<void> {
  const waiting = jobs.filter((job) => !job.is_done).map((job) => job.id);
  let pause = pace.everyMs;
  while (waiting.length > 0) {
    await sleep(pause, signal);
    if (signal.aborted) return;
    const id = waiting.shift() as string;
    try {
      const { job } = await call<{ job: Job }>(`/jobs/${encodeURIComponent(id)}`);
      if (signal.aborted) return;
      if (!job.is_done) waiting.push(id);
      onChange(job);
      pause = waiting.length > 1 ? pace.everyMs / 2 : pace.everyMs;
    } catch (error) {
      if (!(error instanceof Problem && error.passes)) throw error;
      waiting.push(id);
      pause = Math.min(pause * 2, pace.longestMs);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
