/** Progress of a sweep on stderr: one live line on a terminal, a line for each finished run elsewhere. */

import type { RunConfig } from '../contracts/experiment.ts';
import type { Experiment } from '../lab/config/experiment.ts';
import type { SweepPlan } from '../lab/plan.ts';
import { configurationLabel } from '../lab/results/configuration-label.ts';
import { runIdOf } from '../lab/results/run-id.ts';
import type { RunFailed } from '../lab/results/store.ts';
import type { SweepObserver } from '../lab/sweep.ts';
import { toJson } from './output.ts';
import { startLine } from './run-plan.ts';
import { warningLine } from './warn.ts';

interface ProgressOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** For tools: one JSON document a line. */
  readonly isJson: boolean;
}

type Stream = NodeJS.WriteStream;

export function progressOn(stream: Stream, experiment: Experiment, options: ProgressOptions): SweepObserver {
  if (options.isJson) return jsonLines(stream, experiment);
  const failed = (index: number, failure: RunFailed) =>
    stream.write(
      `run ${index + 1} (${labelOf(experiment, index)}) failed: ${options.isVerbose ? failure.stack : failure.message}\n`,
    );
  const onWarning = (message: string) => void stream.write(warningLine(message));
  const spoken = { onFailed: failed, onWarning };
  if (options.isQuiet) return { ...spoken, onStart: () => {}, onProgress: () => {}, onDone: () => {} };
  return stream.isTTY ? liveLine(stream, experiment, spoken) : lineByLine(stream, experiment, spoken);
}

function jsonLines(stream: Stream, { runs }: Experiment): SweepObserver {
  const say = (event: string, fields: object) => void stream.write(`${toJson({ event, ...fields })}\n`);
  const idOf = (index: number) => (runs[index] ? runIdOf(runs[index]) : null);
  return {
    onStart: ({ folder, jobs, finished, failed, bytes }) => {
      const count = (entries: readonly unknown[]) => entries.filter((entry) => entry !== undefined).length;
      say('start', { dir: folder, jobs, runs: runs.length, finished: count(finished), failed: count(failed), bytes });
    },
    onProgress: (index, phase, share) => say('progress', { run_id: idOf(index), phase, share }),
    onDone: (index, { testAccuracy }) => say('done', { run_id: idOf(index), test_accuracy: testAccuracy }),
    onFailed: (index, { message }) => say('failed', { run_id: idOf(index), message }),
    onWarning: (message) => say('warning', { message }),
  };
}

function labelOf({ runs }: Experiment, index: number): string {
  const config = runs[index];
  return config ? `${configurationLabel(config, runs)}, seed ${config.seed}` : `run ${index + 1}`;
}

/** What is said even quietly. */
type Spoken = Pick<SweepObserver, 'onFailed' | 'onWarning'>;

function lineByLine(stream: Stream, experiment: Experiment, spoken: Spoken): SweepObserver {
  const clock = estimator();
  return {
    onStart: (plan) => {
      stream.write(startLine(experiment, plan));
      clock.start(plan);
    },
    onProgress: (index, phase, share) => clock.progress(index, phaseShare(experiment.runs[index], phase, share)),
    onDone: (index, { testAccuracy }) => {
      clock.progress(index, 1);
      const accuracy = `accuracy ${(100 * testAccuracy).toFixed(1)} %`;
      stream.write(
        `run ${index + 1} of ${experiment.runs.length} done (${labelOf(experiment, index)}): ${accuracy}${clock.remaining()}\n`,
      );
    },
    ...spoken,
  };
}

function liveLine(stream: Stream, experiment: Experiment, spoken: Spoken): SweepObserver {
  const clock = estimator();
  const running = new Map<number, string>();
  let done = 0;
  const draw = () => {
    const current = [...running].map(([index, text]) => `${labelOf(experiment, index)}: ${text}`).join(' · ');
    const line = `${done}/${experiment.runs.length} runs${clock.remaining()} · ${current}`;
    stream.write(`\r\u001b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  const clear = () => stream.write('\r\u001b[2K');
  const ended = (index: number) => {
    running.delete(index);
    done += 1;
    clock.progress(index, 1);
    if (done === experiment.runs.length) clear();
    else draw();
  };
  return {
    onStart: (plan) => {
      stream.write(startLine(experiment, plan));
      clock.start(plan);
      done = [...plan.finished, ...plan.failed].filter((result) => result !== undefined).length;
    },
    onProgress: (index, phase, share) => {
      running.set(index, `${phase} ${Math.round(100 * share)} %`);
      clock.progress(index, phaseShare(experiment.runs[index], phase, share));
      draw();
    },
    onDone: ended,
    onFailed: (index, failure) => {
      clear();
      spoken.onFailed(index, failure);
      ended(index);
    },
    onWarning: (message) => {
      clear();
      spoken.onWarning(message);
    },
  };
}

/** Share of a run's work, its phases taken as equally long: training, then each attack. */
function phaseShare(config: RunConfig | undefined, phase: string, share: number): number {
  const phases = ['train', ...(config?.attacks ?? []).map(({ name }) => `attack ${name}`)];
  return (Math.max(0, phases.indexOf(phase)) + share) / phases.length;
}

interface Estimator {
  start(plan: SweepPlan): void;
  progress(index: number, share: number): void;
  /** `, about 1:20 left`; nothing while nobody can tell. */
  remaining(): string;
}

function estimator(): Estimator {
  const shares = new Map<number, number>();
  let open = 0;
  let begin = performance.now();
  return {
    start: ({ finished, failed }) => {
      open = finished.filter((result, index) => result === undefined && failed[index] === undefined).length;
      begin = performance.now();
    },
    progress: (index, share) => shares.set(index, share),
    remaining: () => {
      const share = [...shares.values()].reduce((sum, own) => sum + own, 0) / Math.max(1, open);
      if (share < 0.02 || share >= 1) return '';
      const seconds = Math.round(((performance.now() - begin) / 1000) * (1 / share - 1));
      return `, about ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
    },
  };
}
