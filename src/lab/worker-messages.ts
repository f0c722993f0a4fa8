/** What the process of a sweep and those of its runs tell each other. */

import type { RunConfig, RunResult } from '../contracts/experiment.ts';
import type { Moment } from './phases/victim.ts';
import type { FailureKind } from './run-failure.ts';

/** What a worker is told to do. */
export interface RunRequest {
  readonly config: RunConfig;
  readonly engine: string;
  readonly threads: number;
  readonly noise: 'seeded' | 'secure';
  readonly dataDir: string | undefined;
  /** Where outcomes of phases are kept; nowhere where left out. */
  readonly phases: string | undefined;
  /** When the victim's weights are kept; see `RunOptions`. */
  readonly moments: readonly Moment[] | undefined;
  readonly recordedRounds?: readonly number[] | undefined;
}

/** What it may be told meanwhile: to end after the phase in hand. */
export const stopMessage = 'stop';

/** What it says. All but the first two end the run. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly phase: string; readonly share: number }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly why: FailureKind; readonly message: string; readonly stack: string }
  | { readonly kind: 'stopped' };
