/** How much longer a sweep will take, from what is done of it. */

import type { RunConfig } from '../contracts/experiment.ts';
import { attackPhases } from '../lab/attack-phases.ts';
import type { SweepPlan } from '../lab/plan.ts';

export interface Estimator {
  start(plan: Pick<SweepPlan, 'missing'>): void;
  /** @param share Of the run's work, in [0, 1]. */
  progress(index: number, share: number): void;
  /** `, about 1:20 left`; nothing while nobody can tell. */
  remaining(): string;
}

/** @param now In milliseconds. */
export function estimator(now: () => number = () => performance.now()): Estimator {
  const shares = new Map<number, number>();
  let open = 0;
  let begin = now();
  return {
    start: ({ missing }) => {
      open = missing.length;
      begin = now();
    },
    progress: (index, share) => shares.set(index, share),
    remaining: () => {
      const share = [...shares.values()].reduce((sum, own) => sum + own, 0) / Math.max(1, open);
      if (share < 0.02 || share >= 1) return '';
      return `, about ${clock(((now() - begin) / 1000) * (1 / share - 1))} left`;
    },
  };
}

/** `1:20`, or `2:03:20` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Share of a run's work, its phases taken as equally long: training, then each attack. */
export function shareOfRun(config: RunConfig | undefined, phase: string, share: number): number {
  const phases = ['train', ...attackPhases(config?.attacks ?? [])];
  return (Math.max(0, phases.indexOf(phase)) + share) / phases.length;
}
