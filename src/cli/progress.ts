/** Progress of a sweep on stderr: a live table on a terminal, a line for each finished run elsewhere. */

import type { Experiment } from '../lab/config/experiment.ts';
import { runIdOf } from '../lab/results/run-id.ts';
import type { SweepObserver } from '../lab/sweep.ts';
import { estimator, shareOfRun } from './estimator.ts';
import { liveTable } from './live-table.ts';
import { toJson } from './output.ts';
import { startLine } from './run-plan.ts';
import { labelOf, type Spoken, spokenOn } from './spoken.ts';

interface ProgressOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** For tools: one JSON document a line. */
  readonly isJson: boolean;
}

/** What progress goes to. */
interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export function progressOn(stream: Stream, experiment: Experiment, options: ProgressOptions): SweepObserver {
  if (options.isJson) return jsonLines(stream, experiment);
  const spoken = spokenOn(stream, experiment, options.isVerbose);
  if (options.isQuiet) return { ...spoken, onProgress: () => {}, onDone: () => {}, onEnd: () => {} };
  const canMoveCursor = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  return canMoveCursor ? liveTable(stream, experiment, spoken) : lineByLine(stream, experiment, spoken);
}

function jsonLines(stream: Stream, { runs }: Experiment): SweepObserver {
  const say = (event: string, fields: object) => void stream.write(`${toJson({ event, ...fields })}\n`);
  const idOf = (index: number) => (runs[index] ? runIdOf(runs[index]) : null);
  return {
    onStart: ({ folder, jobs, finished, failed, bytes }) => {
      const count = (entries: readonly unknown[]) => entries.filter((entry) => entry !== undefined).length;
      say('start', { dir: folder, jobs, runs: runs.length, finished: count(finished), failed: count(failed), bytes });
      for (const [index, failure] of failed.entries()) {
        if (failure) say('failed-before', { run_id: idOf(index), message: failure.message });
      }
    },
    onProgress: (index, phase, share) => say('progress', { run_id: idOf(index), phase, share }),
    onDone: (index, { testAccuracy }) => say('done', { run_id: idOf(index), test_accuracy: testAccuracy }),
    onFailed: (index, { message }) => say('failed', { run_id: idOf(index), message }),
    onWarning: (message) => say('warning', { message }),
    onEnd: () => {},
  };
}

function lineByLine(stream: Stream, experiment: Experiment, spoken: Spoken): SweepObserver {
  const left = estimator();
  return {
    ...spoken,
    onStart: (plan) => {
      stream.write(startLine(experiment, plan));
      left.start(plan);
      spoken.onStart(plan);
    },
    onProgress: (index, phase, share) => left.progress(index, shareOfRun(experiment.runs[index], phase, share)),
    onDone: (index, { testAccuracy }) => {
      left.progress(index, 1);
      const accuracy = `accuracy ${(100 * testAccuracy).toFixed(1)} %`;
      stream.write(
        `run ${index + 1} of ${experiment.runs.length} done (${labelOf(experiment, index)}): ${accuracy}${left.remaining()}\n`,
      );
    },
    onEnd: () => {},
  };
}
