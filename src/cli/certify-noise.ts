/** The noise that a certificate is for, from the options of `cutlayer certify`: its scale, or how PixelDP calibrated it. */

import type { Argv } from 'yargs';
import { analyticGaussianMultiplier, type CertifiedNoise, classicGaussianMultiplier } from '../accounting/index.ts';
import type { Norm } from '../contracts/model.ts';
import { asUsageError } from './as-usage-error.ts';
import { UsageError } from './usage-error.ts';

/** Options of the noise, as yargs types them. */
export function withNoiseOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('noise', {
      choices: ['laplace', 'gaussian'] as const,
      default: 'gaussian' as const,
      describe: 'distribution',
    })
    .option('scale', { type: 'number', describe: 'scale of the noise: Gaussian σ, Laplace b' })
    .option('sensitivity', {
      type: 'number',
      default: 1,
      describe: 'Δ: true bound of the layers before the noise, from the norm of inputs to that of the noise',
    })
    .option('input-norm', {
      choices: ['l1', 'l2', 'linf'] as const,
      describe: 'of Δ, distance and radius at the input; l1 for laplace and l2 for gaussian where left out',
    })
    .option('epsilon', { type: 'number', describe: 'in place of --scale: ε of PixelDP’s calibration' })
    .option('distance', {
      type: 'number',
      default: 0.1,
      describe: 'with --epsilon: L, the distance it was calibrated for',
    })
    .option('delta', { type: 'number', default: 0.05, describe: 'with --epsilon, gaussian: its δ' })
    .option('calibration', {
      choices: ['analytic', 'classic'] as const,
      default: 'analytic' as const,
      describe: 'with --epsilon, gaussian: exact, or √(2 ln(1.25/δ))/ε',
    });
}

export interface NoiseArguments {
  readonly noise: 'laplace' | 'gaussian';
  readonly scale?: number | undefined;
  readonly sensitivity: number;
  readonly inputNorm?: Norm | undefined;
  readonly epsilon?: number | undefined;
  readonly distance: number;
  readonly delta: number;
  readonly calibration: 'analytic' | 'classic';
}

/** Throws a UsageError unless exactly one of scale and epsilon says how much noise there is. */
export function noiseOf(given: NoiseArguments): CertifiedNoise {
  const { noise, scale, sensitivity, inputNorm, epsilon } = given;
  const layer = { noise, sensitivity, ...(inputNorm && { inputNorm }) };
  if ((scale === undefined) === (epsilon === undefined)) {
    const reason = scale === undefined ? 'neither was given' : 'both were given';
    throw new UsageError(`certify needs either --scale or --epsilon to know the noise, but ${reason}.`);
  }
  if (scale !== undefined) return { ...layer, scale };
  return { ...layer, scale: sensitivity * asUsageError(() => calibratedScale(given, epsilon ?? Number.NaN), given) };
}

/** The scale at sensitivity 1. */
function calibratedScale({ noise, distance, delta, calibration }: NoiseArguments, epsilon: number): number {
  if (noise === 'laplace') return distance / epsilon;
  const multiplier = calibration === 'classic' ? classicGaussianMultiplier : analyticGaussianMultiplier;
  return distance * multiplier(epsilon, delta);
}
