/**
 * The mixture of a user's records in a Poisson sample: j of k of them are there with probability w_j = C(k, j) q^j (1−q)^(k−j),
 * and j records move a sum of clipped gradients by at most j sensitivities. So P = Σ w_j N(j, σ²) against Q = N(0, σ²) dominates
 * a step with the user against one without (Ganesh, Tight Group-Level DP Guarantees for DP-SGD with Sampling via Mixture of
 * Gaussians Mechanisms, arXiv:2401.10294): shifts in any directions are no worse than aligned ones, and fewer records no worse
 * than k, since w_j then moves to smaller j.
 */

import { logRatio } from './rdp/subsampled-gaussian.ts';
import { logBinomialMass, logBinomialTail } from './special/binomial.ts';

/** σ is the noise multiplier: the standard deviation ÷ what one record adds. */
export interface UserSample {
  /** q in (0, 1). */
  readonly samplingRate: number;
  readonly noiseMultiplier: number;
  /** k ≥ 1. */
  readonly records: number;
}

/** P given that some record is there: what else there is to know of the mixture. */
export interface UserMixture extends UserSample {
  /** q′ = 1 − (1−q)^k: the probability that some record is there. */
  readonly anyRate: number;
  /** log(w_j ÷ q′), j = 1 … k. */
  readonly logWeights: Float64Array;
}

export function userMixture({ samplingRate, noiseMultiplier, records }: UserSample): UserMixture {
  const anyRate = -Math.expm1(records * Math.log1p(-samplingRate));
  const counts = { trials: records, probability: samplingRate };
  const logWeights = Float64Array.from(
    { length: records },
    (_, i) => logBinomialMass(i + 1, counts) - Math.log(anyRate),
  );
  return { samplingRate, noiseMultiplier, records, anyRate, logWeights };
}

/** The smallest j ≥ 1 with P[more than j records are there] ≤ share. */
export function mostRecords({ samplingRate: probability, records: trials }: UserSample, share: number): number {
  const isRare = (j: number) => logBinomialTail(j + 1, { trials, probability }) <= Math.log(share);
  let [few, enough] = [0, trials];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    [few, enough] = isRare(middle) ? [few, middle] : [middle, enough];
  }
  return enough;
}

export interface Exponent {
  /** g(x) = log Σ_{j≥1} (w_j ÷ q′) e^(u_j), u_j = (2jx − j²)/(2σ²): convex, and increasing. */
  readonly value: number;
  /** E[j | x, j ≥ 1] = σ² g′(x). */
  readonly mean: number;
}

/** Terms of e^−40 and less, relative to the largest, are left out: their exponents are concave in j, so the rest are smaller. */
const NEGLIGIBLE = -40;

/** g at x, with the mean count there. */
export function exponentAt(mixture: UserMixture, x: number): Exponent {
  const { logWeights, noiseMultiplier, records } = mixture;
  const scale = 1 / (2 * noiseMultiplier * noiseMultiplier);
  if ((2 * Math.abs(x) + records) * records * scale < SMALL) return smallExponentAt(mixture, x);
  let [top, sum, moment] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < logWeights.length; i++) {
    const j = i + 1;
    const log = logWeights[i] + (2 * x - j) * j * scale;
    if (log > top) {
      const shrink = Math.exp(top - log);
      [top, sum, moment] = [log, sum * shrink + 1, moment * shrink + j];
    } else {
      if (log - top < NEGLIGIBLE) break;
      const term = Math.exp(log - top);
      sum += term;
      moment += j * term;
    }
  }
  return { value: top + Math.log(sum), mean: moment / sum };
}

/** Below it, log Σ v e^u would lose the digits of a sum near 1; log(1 + Σ v (e^u − 1)) keeps them. */
const SMALL = 0.1;

function smallExponentAt({ logWeights, noiseMultiplier }: UserMixture, x: number): Exponent {
  const scale = 1 / (2 * noiseMultiplier * noiseMultiplier);
  let [excess, moment] = [0, 0];
  for (let i = 0; i < logWeights.length; i++) {
    const j = i + 1;
    const weight = Math.exp(logWeights[i]);
    const own = Math.expm1((2 * x - j) * j * scale);
    excess += weight * own;
    moment += weight * j * (1 + own);
  }
  return { value: Math.log1p(excess), mean: moment / (1 + excess) };
}

/** log dP/dQ at x: log(1 − q′ + q′ e^g(x)). */
export function userLoss(mixture: UserMixture, x: number): number {
  return logRatio(mixture.anyRate, exponentAt(mixture, x).value);
}

/** E[j | x] under P: how many of the records are there, given the outcome. */
export function meanRecords(mixture: UserMixture, x: number): number {
  const { value, mean } = exponentAt(mixture, x);
  const logOdds = value + Math.log(mixture.anyRate) - mixture.records * Math.log1p(-mixture.samplingRate);
  return mean / (1 + Math.exp(-logOdds));
}

/**
 * The x with g(x) = `value`: Newton's method from the smallest x at which a single term reaches it, which is on the right of
 * the solution, so that a convex g leads down to it without overshooting.
 */
export function outcomeOf(mixture: UserMixture, value: number): number {
  if (!Number.isFinite(value)) return value;
  const { logWeights, noiseMultiplier } = mixture;
  const variance = noiseMultiplier * noiseMultiplier;
  let x = Number.POSITIVE_INFINITY;
  for (let i = 0; i < logWeights.length; i++) {
    const j = i + 1;
    x = Math.min(x, (variance * (value - logWeights[i])) / j + j / 2);
  }
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const at = exponentAt(mixture, x);
    const move = ((at.value - value) * variance) / at.mean;
    x -= move;
    if (Math.abs(move) <= 1e-15 * (Math.abs(x) + noiseMultiplier)) break;
  }
  return x;
}

const MOST_TRIALS = 40;
