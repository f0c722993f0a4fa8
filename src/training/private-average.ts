/**
 * DP-FedAvg (McMahan et al., Learning Differentially Private Recurrent Language Models, 2018, Algorithm 1): each client's whole
 * update clipped, noise on the sum, divided by the expected number of clients.
 */

import type { NormCount } from '../accounting/index.ts';
import { latticeFactor, noisyOnLattice } from '../arrays/lattice.ts';
import { arraysOf, mapArrays, valueCount } from '../arrays/tree.ts';
import { layerShares } from '../autodiff/index.ts';
import type { PerLayerClipping, UpdateRule } from '../contracts/defense.ts';
import type { Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { clipNormAfter } from './clip-state.ts';
import { gradientNoiseStd } from './update.ts';

export interface ClippedUpdate {
  readonly update: Weights;
  /** Whether the norm of what was clipped was at most C. */
  readonly isBelowClip: boolean;
}

/**
 * update · min(1, C ÷ ‖update‖) over all its arrays together; per-layer update_l · min(1, C_l ÷ ‖update_l‖) of each layer with
 * parameters, Σ C_l² = C². Zeros where a norm is not finite. `clipNorm` is C, the rule's where it does not adapt.
 */
export function clippedUpdate(made: Weights, rule: UpdateRule, clipNorm = rule.clipNorm): ClippedUpdate {
  const norm = normOf(made);
  const isBelowClip = norm <= clipNorm;
  if (!Number.isFinite(norm)) return { update: scaled(made, 0, () => 0), isBelowClip };
  if (rule.clipping?.kind === 'per-layer')
    return { update: clippedByLayer(made, rule.clipping, clipNorm), isBelowClip };
  return { update: scaled(made, clipNorm / Math.max(norm, clipNorm)), isBelowClip };
}

function clippedByLayer(made: Weights, clipping: PerLayerClipping, clipNorm: number): Weights {
  const shares = layerShares(clipping, made.params.filter((layer) => arraysOf(layer).length > 0).length);
  let next = 0;
  const params = made.params.map((layer) => {
    if (arraysOf(layer).length === 0) return layer;
    const own = clipNorm * (shares[next++] as number);
    return scaled(layer, own / Math.max(normOf(layer), own));
  });
  return { ...made, params };
}

function scaled<T>(tree: T, factor: number, value = (given: number) => given * factor): T {
  return mapArrays(tree, ({ shape, data }) => ({ shape, data: data.map(value) }));
}

function normOf(tree: unknown): number {
  const sum = arraysOf(tree).reduce((total, { data }) => data.reduce((own, value) => own + value * value, total), 0);
  return Math.sqrt(sum);
}

export interface PrivateAverage {
  readonly rule: UpdateRule;
  /** C of this round, where it adapts; the rule's where left out. */
  readonly clipNorm?: number;
  /** Participation rate × clients: a public constant, never how many took part, which would tell who did. */
  readonly expectedClients: number;
  /** What the updates are updates of: they may be none, and there is noise all the same. */
  readonly like: Weights;
  readonly rng: Rng;
}

/**
 * (Σ_k update_k + N(0, (z C)² I)) ÷ expectedClients, from updates that were clipped to C; z_Δ for z under adaptive clipping. Every
 * client counts alike, whatever its number of examples.
 *
 * Guarantee: one client more or less moves the sum by at most C, so a round is a Gaussian release of `noiseMultiplier` z (under
 * adaptive clipping together with the count of `nextUpdateClipNorm`), Poisson-sampled where each client takes part with the same
 * probability, independently.
 */
export function noisyMeanUpdate(clipped: readonly Weights[], average: PrivateAverage): Weights {
  const { rule, clipNorm = rule.clipNorm, expectedClients, like, rng } = average;
  const multiplier = gradientNoiseStd(rule, 1);
  const isOnLattice = rng.source === 'secure' && multiplier > 0;
  const growth = isOnLattice ? latticeFactor(multiplier, 'l2', valueCount(like)) : 1;
  const std = multiplier * clipNorm * growth;
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

/**
 * The C of the next round (Andrew et al. 2021, Algorithm 1): it follows the share of clients whose update was at most C, by a noisy
 * count. A round in which nobody took part moves it too, by the noise alone. Without adaptive clipping it stays.
 */
export function nextUpdateClipNorm(
  { rule, clipNorm = rule.clipNorm, expectedClients, rng }: Omit<PrivateAverage, 'like'>,
  counted: NormCount,
): number {
  const [countNoise = 0] = rng.fork('count').normal(1);
  const own = { ...rule, onLattice: rng.source === 'secure' };
  return clipNormAfter({ rule: own, normaliser: expectedClients }, { clipNorm, countNoise }, counted);
}
