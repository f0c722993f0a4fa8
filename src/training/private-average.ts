/**
 * DP-FedAvg (McMahan et al., Learning Differentially Private Recurrent Language Models, 2018, Algorithm 1): each client's whole
 * update clipped, noise on the sum, divided by the expected number of clients.
 */

import { latticeFactor, noisyOnLattice } from '../arrays/lattice.ts';
import { arraysOf, mapArrays, valueCount } from '../arrays/tree.ts';
import type { UpdateRule } from '../contracts/defense.ts';
import type { Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';

/** update · min(1, C ÷ ‖update‖) over all its arrays together; zeros where the norm is not finite. */
export function clippedUpdate(update: Weights, clipNorm: number): Weights {
  const norm = normOf(update);
  if (!Number.isFinite(norm)) return mapArrays(update, ({ shape, data }) => ({ shape, data: data.map(() => 0) }));
  const factor = clipNorm / Math.max(norm, clipNorm);
  return mapArrays(update, ({ shape, data }) => ({ shape, data: data.map((value) => value * factor) }));
}

function normOf(update: Weights): number {
  const sum = arraysOf(update).reduce((total, { data }) => data.reduce((own, value) => own + value * value, total), 0);
  return Math.sqrt(sum);
}

export interface PrivateAverage {
  readonly rule: UpdateRule;
  /** Participation rate × clients: a public constant, never how many took part, which would tell who did. */
  readonly expectedClients: number;
  /** What the updates are updates of: they may be none, and there is noise all the same. */
  readonly like: Weights;
  readonly rng: Rng;
}

/**
 * (Σ_k update_k + N(0, (noiseMultiplier · clipNorm)² I)) ÷ expectedClients, from updates that were clipped. Every client counts
 * alike, whatever its number of examples.
 *
 * Guarantee: one client more or less moves the sum by at most clipNorm, so a round is a Gaussian release of
 * `noiseMultiplier`, Poisson-sampled where each client takes part with the same probability, independently.
 */
export function noisyMeanUpdate(clipped: readonly Weights[], average: PrivateAverage): Weights {
  const { rule, expectedClients, like, rng } = average;
  const isOnLattice = rng.source === 'secure' && rule.noiseMultiplier > 0;
  const growth = isOnLattice ? latticeFactor(rule.noiseMultiplier, 'l2', valueCount(like)) : 1;
  const std = rule.noiseMultiplier * rule.clipNorm * growth;
  const updates = clipped.map((update) => arraysOf(update));
  let index = 0;
  return mapArrays(like, ({ shape, data }, path) => {
    const own = updates.map((arrays) => arrays[index]?.data ?? new Float32Array(data.length));
    index += 1;
    const noise = rng.fork(path).normal(data.length);
    const sum = (i: number, start: number) => own.reduce((total, values) => total + (values[i] as number), start);
    const noisy = (i: number) => {
      const draw = noise[i] as number;
      return isOnLattice ? noisyOnLattice(sum(i, 0), { draw, scale: std }) : sum(i, std * draw);
    };
    return { shape, data: data.map((_, i) => noisy(i) / expectedClients) };
  });
}
