/** Processors that find no further run take attacks of runs that are still going on. */

import { storedPhases } from './phases/store.ts';
import type { MissingRun } from './plan.ts';
import type { RunStore } from './results/store.ts';
import { RunFailure } from './run-failure.ts';
import { requestOf } from './run-request.ts';
import type { SweepOptions } from './sweep.ts';

export interface Help {
  /** Starts a process that takes attacks of the run until nobody is needed; false where nobody is. */
  with(run: MissingRun): Promise<boolean>;
  /** Ends those that help a run which has its result, or failed. */
  endFor(run: MissingRun): void;
}

/** Of one run. */
interface Helped {
  /** Since when it has had attacks that nobody has in hand. */
  readonly since: number;
  readonly ended: AbortController;
  /** How many were begun, and how many of them have not got to an attack yet. */
  begun: number;
  coming: number;
  /** One that was there found nothing left. */
  isEnough: boolean;
}

/** Loading what an attack needs takes a new process about as long: attacks that are quicker need no help. */
const patienceMs = 2_000;

export function helpFor(options: SweepOptions, store: RunStore): Help {
  const { phases: folder, workers, signal, stop, observer } = options;
  const helped = new Map<number, Helped>();

  function freeAttacks({ phases: { train, attacks } }: MissingRun): number {
    if (folder === undefined) return 0;
    const stored = storedPhases(folder);
    return stored.has(train) ? attacks.filter((attack) => stored.isFree(attack)).length : 0;
  }

  /** The run, where it needs a further process. */
  function inNeed(run: MissingRun): Helped | undefined {
    const known = helped.get(run.index);
    if (stop.aborted || signal.aborted || known?.isEnough) return undefined;
    if (freeAttacks(run) <= (known?.coming ?? 0)) return undefined;
    const now = performance.now();
    const state = known ?? { since: now, ended: new AbortController(), begun: 0, coming: 0, isEnough: false };
    helped.set(run.index, state);
    return now - state.since < patienceMs ? undefined : state;
  }

  return {
    async with(run) {
      const state = inNeed(run);
      if (!state) return false;
      state.begun += 1;
      state.coming += 1;
      let hasCome = false;
      const come = () => {
        if (!hasCome) state.coming -= 1;
        hasCome = true;
      };
      try {
        await workers.run(requestOf('help', run, options), {
          signal: AbortSignal.any([signal, state.ended.signal]),
          stop,
          logFile: store.logFile(run.run.config, 1 + state.begun),
          onProgress: come,
          onWarning: observer.onWarning,
        });
      } catch (error) {
        if (!(error instanceof RunFailure)) throw error; // else the run's own process meets it, too, and tells
      } finally {
        come();
        state.isEnough = true;
      }
      return true;
    },
    endFor: ({ index }) => helped.get(index)?.ended.abort(),
  };
}
