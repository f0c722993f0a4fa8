/**
 * The processes of a sweep's runs. One that did a run well is kept for the next: loading TensorFlow.js and the data takes longer
 * than many a run. What sets experiments and runs up lives in them alone, so that the process of the sweep stays small.
 */

import type { RunResult } from '../contracts/experiment.ts';
import type { Experiment } from './config/experiment.ts';
import { RunFailure } from './run-failure.ts';
import { type RunProcess, type RunProcessOptions, startRunProcess } from './run-process.ts';
import type { CheckRequest, RunRequest } from './worker-messages.ts';

export interface RunWorkers {
  /** As `RunProcess.check`; the process is kept for the first run, which finds TensorFlow.js and the data loaded. */
  check(request: CheckRequest): Promise<Experiment>;
  /** As `RunProcess.run`. */
  run(request: RunRequest, options: RunProcessOptions): Promise<RunResult | undefined>;
  /** Ends those that wait for a run, and any that is going on. */
  end(): void;
}

/** What native libraries may have left behind ends with the process. */
const mostRuns = 50;

interface Kept {
  readonly process: RunProcess;
  readonly runs: number;
}

/** @param worker The module that the child processes run. */
export function runWorkers(worker: URL): RunWorkers {
  const idle: Kept[] = [];
  const busy = new Set<RunProcess>();
  let isOver = false;

  async function runIn({ process, runs }: Kept, request: RunRequest, options: RunProcessOptions) {
    busy.add(process);
    try {
      return await process.run(request, options);
    } finally {
      busy.delete(process);
      if (process.isFit() && runs + 1 < mostRuns && !isOver) idle.push({ process, runs: runs + 1 });
      else process.end();
    }
  }

  return {
    async check(request) {
      const process = startRunProcess(worker);
      busy.add(process);
      const experiment = await process.check(request);
      busy.delete(process);
      idle.push({ process, runs: 0 });
      return experiment;
    },
    async run(request, options) {
      const used = nextFit(idle);
      const fresh = () => runIn({ process: startRunProcess(worker), runs: 0 }, request, options);
      if (!used) return fresh();
      try {
        return await runIn(used, request, options);
      } catch (error) {
        // It may have died of what earlier runs left behind.
        if (isOver || !(error instanceof RunFailure && error.kind === 'died')) throw error;
        return fresh();
      }
    },
    end() {
      isOver = true;
      for (const process of [...idle.map((kept) => kept.process), ...busy]) process.end();
    },
  };
}

/** One may have died while it waited. */
function nextFit(idle: Kept[]): Kept | undefined {
  for (let kept = idle.pop(); kept; kept = idle.pop()) {
    if (kept.process.isFit()) return kept;
    kept.process.end();
  }
  return undefined;
}
