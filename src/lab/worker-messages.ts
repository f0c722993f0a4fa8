/** What the process of a sweep and those of its runs tell each other. */

import type { RunConfig, RunResult } from '../contracts/experiment.ts';
import type { RngSource } from '../contracts/rng.ts';
import type { Experiment } from './config/experiment.ts';
import type { Problem } from './config/problems.ts';
import type { Moment } from './phases/victim.ts';
import type { FailureKind } from './run-failure.ts';

/** What a worker is told to do. */
export interface RunRequest {
  /** `help`: only those of its attacks that nobody has in hand, for the worker whose run it is. */
  readonly kind: 'run' | 'help';
  readonly config: RunConfig;
  readonly engine: string;
  readonly threads: number;
  readonly device?: string | undefined;
  readonly noise: RngSource;
  readonly dataDir: string | undefined;
  /** Where outcomes of phases are kept; nowhere where left out. */
  readonly phases: string | undefined;
  /** When the victim's weights are kept; see `RunOptions`. */
  readonly moments: readonly Moment[] | undefined;
  readonly recordedRounds?: readonly number[] | undefined;
}

/** An experiment file that is to be held against everything that can be known before it runs. */
export interface CheckRequest {
  readonly kind: 'check';
  /** How it was named. */
  readonly file: string;
  /** What stands in it: a pipe can be read only once. */
  readonly text: string;
  /** `PATH=VALUE` each. */
  readonly sets: readonly string[];
  readonly seeds: readonly number[] | undefined;
  readonly dataDir: string | undefined;
  readonly noise: RngSource;
  /** Must load, too, where given. */
  readonly engine?:
    | { readonly name: string; readonly threads: number; readonly device?: string | undefined }
    | undefined;
}

/** What it may be told meanwhile: to end after the phase in hand. */
export const stopMessage = 'stop';

/** What a worker says while it works. */
export type WorkerNews =
  | { readonly kind: 'progress'; readonly phase: string; readonly share: number }
  | { readonly kind: 'warning'; readonly message: string };

/** What it says in the end. */
export type WorkerAnswer =
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'helped' }
  | { readonly kind: 'checked'; readonly experiment: Experiment }
  /** The experiment can't be run. */
  | { readonly kind: 'refused'; readonly problems: readonly Problem[]; readonly stack: string }
  | { readonly kind: 'failed'; readonly why: FailureKind; readonly message: string; readonly stack: string }
  | { readonly kind: 'stopped' };

export type WorkerMessage = WorkerNews | WorkerAnswer;
