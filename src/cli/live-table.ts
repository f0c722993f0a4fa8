/** Progress on a terminal: how far the sweep is, above a line for each run in hand, drawn over and over in the same place. */

import type { Experiment } from '../lab/config/experiment.ts';
import type { SweepObserver } from '../lab/sweep.ts';
import { clock, estimator, shareOfRun } from './estimator.ts';
import { startLine } from './run-plan.ts';
import { labelOf, type Spoken } from './spoken.ts';
import { table } from './table.ts';

/** Of a terminal. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number;
}

interface Running {
  /** Kept, since it takes a look at all runs of the experiment. */
  readonly label: string;
  readonly since: number;
  readonly phase: string;
  readonly share: number;
}

const redrawMs = 100;
const eraseBelow = '\r\u001b[J';
const up = (lines: number) => (lines > 0 ? `\u001b[${lines}A` : '');

export function liveTable(screen: Screen, experiment: Experiment, spoken: Spoken): SweepObserver {
  const total = experiment.runs.length;
  const left = estimator();
  const running = new Map<number, Running>();
  let [done, failed, drawn, drawnAt] = [0, 0, 0, 0];

  const lines = () => {
    const failures = failed > 0 ? `, ${failed} failed` : '';
    const now = performance.now();
    const rows = [...running.values()].map(({ label, since, phase, share }) => [
      `  ${label}`,
      phase,
      `${Math.round(100 * share)} %`,
      clock((now - since) / 1000),
    ]);
    const all = [`${done} of ${total} runs done${failures}${left.remaining()}`, ...table(rows, [2, 3])];
    return all.map((line) => line.slice(0, (screen.columns ?? 80) - 1)); // one that wraps would spoil the count
  };
  const clear = () => {
    if (drawn > 0) screen.write(`${up(drawn)}${eraseBelow}`);
    drawn = 0;
  };
  const draw = () => {
    const next = lines();
    screen.write(`${up(drawn)}${eraseBelow}${next.join('\n')}\n`);
    drawn = next.length;
    drawnAt = performance.now();
  };
  const drawnAgain = (change: () => void) => {
    clear();
    change();
    draw();
  };

  return {
    onStart: (plan) => {
      screen.write(startLine(experiment, plan));
      left.start(plan);
      done = plan.finished.filter((run) => run !== undefined).length;
      spoken.onStart(plan);
      failed = plan.failed.filter((failure) => failure !== undefined).length;
    },
    onProgress: (index, phase, share) => {
      const begun = running.get(index) ?? { label: labelOf(experiment, index), since: performance.now() };
      running.set(index, { ...begun, phase, share });
      left.progress(index, shareOfRun(experiment.runs[index], phase, share));
      if (performance.now() - drawnAt >= redrawMs) draw();
    },
    onDone: (index) => {
      running.delete(index);
      done += 1;
      left.progress(index, 1);
      draw();
    },
    onFailed: (index, failure) =>
      drawnAgain(() => {
        running.delete(index);
        failed += 1;
        left.progress(index, 1);
        spoken.onFailed(index, failure);
      }),
    onWarning: (message) => drawnAgain(() => spoken.onWarning(message)),
    onEnd: clear,
  };
}
