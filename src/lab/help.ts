/** Processors that find no further run take attacks of runs that are still going on. */

import { isEnvironmentError } from './environment-error.ts';
import { storedPhases } from './phases/store.ts';
import type { MissingRun } from './plan.ts';
import { runIdOf } from './results/run-id.ts';
import type { RunStore } from './results/store.ts';
import { RunFailure } from './run-failure.ts';
import { requestOf } from './run-request.ts';
import type { SweepOptions } from './sweep.ts';

export interface Helpers {
  /** Starts a process that takes attacks of the run until there are none to take; false where nobody is needed. */
  helpWith(run: MissingRun): Promise<boolean>;
  /** Ends those that help a run which has its result, or failed. */
  endFor(run: MissingRun): void;
}

/** Of one run. */
interface Helped {
  /** When it was first seen to have attacks that nobody had in hand. */
  readonly since: number;
  readonly ended: AbortController;
  begun: number;
  /** Those that have not got to an attack yet. */
  onTheirWay: number;
  /** One that was there found nothing left. */
  isEnough: boolean;
}

/** Loading what an attack needs takes a new process about as long: attacks that are quicker need no help. */
const patienceMs = 2_000;

export function helpersOf(options: SweepOptions, store: RunStore): Helpers {
  const helped = new Map<number, Helped>();
  return {
    async helpWith(run) {
      const state = helped.get(run.index) ?? newlySeen(run, options);
      if (!state) return false;
      helped.set(run.index, state);
      if (!isNeeded(run, state, options)) return false;
      await help(run, state, { options, store });
      return true;
    },
    endFor: ({ index }) => helped.get(index)?.ended.abort(),
  };
}

/** Undefined where no attack can be taken from it now. */
function newlySeen(run: MissingRun, options: SweepOptions): Helped | undefined {
  if (freeAttacks(run, options) === 0) return undefined;
  return { since: performance.now(), ended: new AbortController(), begun: 0, onTheirWay: 0, isEnough: false };
}

function isNeeded(run: MissingRun, { since, ended, onTheirWay, isEnough }: Helped, options: SweepOptions): boolean {
  if (isEnough || [options.stop, options.signal, ended.signal].some(({ aborted }) => aborted)) return false;
  return performance.now() - since >= patienceMs && freeAttacks(run, options) > onTheirWay;
}

/** Attacks on the trained victim that nobody has made or in hand. With secure noise their keys are known to the run alone. */
function freeAttacks({ phases: { train, attacks } }: MissingRun, { phases: folder, noise }: SweepOptions): number {
  if (folder === undefined || noise === 'secure' || attacks.length < 2) return 0;
  const stored = storedPhases(folder);
  return stored.has(train) ? attacks.filter((attack) => stored.isFree(attack)).length : 0;
}

async function help(
  run: MissingRun,
  state: Helped,
  { options, store }: { readonly options: SweepOptions; readonly store: RunStore },
): Promise<void> {
  const { workers, signal, stop, observer } = options;
  const { config } = run.run;
  state.begun += 1;
  state.onTheirWay += 1;
  let hasArrived = false;
  const arrive = () => {
    if (!hasArrived) state.onTheirWay -= 1;
    hasArrived = true;
  };
  try {
    await workers.run(requestOf('help', run, options), {
      signal: AbortSignal.any([signal, state.ended.signal]),
      stop,
      logFile: store.logFile(config, 1 + state.begun),
      onProgress: arrive,
      onWarning: observer.onWarning,
    });
  } catch (error) {
    if (!(error instanceof RunFailure || isEnvironmentError(error))) throw error;
    const why = (error as Error).message;
    observer.onWarning(
      `a process that helped run ${runIdOf(config)} failed, and the run makes its attacks itself: ${why}`,
    );
  } finally {
    arrive();
    state.isEnough = true;
  }
}
