/** What is said of a sweep even quietly: failures with their reason and where to read on, and warnings. */

import type { Experiment } from '../lab/config/experiment.ts';
import { configurationLabel } from '../lab/results/configuration-label.ts';
import type { RunFailed } from '../lab/results/run-status.ts';
import { runFile } from '../lab/results/store.ts';
import type { SweepObserver } from '../lab/sweep.ts';
import { warningLine } from './warn.ts';

export type Spoken = Pick<SweepObserver, 'onStart' | 'onFailed' | 'onWarning'>;

export function labelOf({ runs }: Experiment, index: number): string {
  const config = runs[index];
  return config ? `${configurationLabel(config, runs)}, seed ${config.seed}` : `run ${index + 1}`;
}

export function spokenOn(stream: { write(text: string): unknown }, experiment: Experiment, isVerbose: boolean): Spoken {
  let logOf = (_: number): string => '';
  const say = (index: number, when: string, { message, stack }: RunFailed) =>
    void stream.write(
      `run ${index + 1} (${labelOf(experiment, index)}) failed${when}: ${isVerbose ? stack : message}${logOf(index)}\n`,
    );
  return {
    onStart: ({ folder, failed }) => {
      logOf = (index) => logNote(folder, experiment, index);
      for (const [index, failure] of failed.entries()) if (failure) say(index, ' before', failure);
    },
    onFailed: (index, failure) => say(index, '', failure),
    onWarning: (message) => void stream.write(warningLine(message)),
  };
}

/** Where the log of a run lies; nothing where there is none. */
function logNote(folder: string, { runs }: Experiment, index: number): string {
  const config = runs[index];
  return config ? `\n  its log: ${runFile(folder, config, 'log.txt')}` : '';
}
