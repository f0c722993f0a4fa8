/** Figures of each configuration by round. */

import { groupBy } from '../group-by.ts';
import type { RoundPoint } from '../results/read.ts';
import { type Estimate, estimateOf } from './estimate.ts';
import type { Configuration } from './study.ts';

export interface RoundFigure {
  readonly round: number;
  readonly figure: Estimate;
}

/** Test accuracy over seeds, in percent. */
export function accuracyByRound(configuration: Configuration): RoundFigure[] {
  return figureByRound(configuration, ({ accuracy }) => 100 * accuracy);
}

/** A figure over seeds; without the rounds at which no seed has it. */
export function figureByRound(
  { rounds }: Configuration,
  figureOf: (point: RoundPoint) => number | undefined,
): RoundFigure[] {
  return [...groupBy(rounds, ({ round }) => round)].flatMap(([round, points]) => {
    const values = points.map(figureOf).filter((value) => value !== undefined);
    const figure = estimateOf(new Map(values.map((value, seed) => [seed, value])));
    return figure ? [{ round, figure }] : [];
  });
}

export const roundChannels = { activation: 'epsilonActivation', weights: 'epsilonWeights' } as const;
export type RoundChannel = keyof typeof roundChannels;

/** ε of a channel after each round, the largest over seeds; without rounds at which it is infinite. */
export function epsilonByRound({ rounds }: Configuration, channel: RoundChannel): RoundFigure[] {
  const epsilonOf = (point: RoundPoint) => point[roundChannels[channel]];
  return [...groupBy(rounds, ({ round }) => round)].flatMap(([round, points]) => {
    const mean = Math.max(...points.map(epsilonOf));
    return Number.isFinite(mean) ? [{ round, figure: { n: points.length, mean, half: undefined } }] : [];
  });
}
