/** Certificates of robustness for predictions under noise. */

import type { Norm } from '../../contracts/model.ts';
import { requirePositive } from '../require.ts';
import type { ClassBounds } from './class-bounds.ts';
import {
  gaussianClassicRadius,
  gaussianProfileRadius,
  gaussianTightRadius,
  laplaceRadius,
  laplaceTightRadius,
  type Margin,
} from './radius.ts';

export interface CertifiedNoise {
  readonly noise: 'laplace' | 'gaussian';
  /** Laplace b or Gaussian σ, of the noise at evaluation. */
  readonly scale: number;
  /** A true upper bound Δ of the layers before the noise, from the norm of input distances to L1 for Laplace and L2 for Gaussian noise. */
  readonly sensitivity: number;
  /** Of input distances, and so of the radius; left out: L1 for Laplace, L2 for Gaussian noise. */
  readonly inputNorm?: Norm | undefined;
}

/** What each argument gives, in the norm of input distances. */
export interface Radii {
  /** PixelDP's condition with the exact privacy of the noise. */
  readonly pixeldp: number;
  /** PixelDP's condition with the classic calibration of Gaussian noise (ε ≤ 1). */
  readonly classic: number | null;
  /** The largest that these bounds allow for any classifier. */
  readonly tight: number;
}

export interface Certificate extends ClassBounds {
  /** Whether nothing is certified: the noisy classifier is too undecided for the number of draws. */
  readonly abstains: boolean;
  /** Of the radius. */
  readonly norm: Norm;
  /** No input within this distance is given another class by the noisy classifier, with probability 1 − η: `radii.tight`. */
  readonly radius: number;
  readonly radii: Radii;
}

/**
 * The certificate of one prediction from its class bounds. It is about the label under small changes of the input, and no
 * statement about privacy. With σ/Δ = 0.25373, counts 1950, 30, 20 and bounds at 0.05/3 each: 0.1353 (classic), 0.3210
 * (PixelDP's condition), 0.4880 (tight).
 *
 * Throws a RangeError where scale or sensitivity are not positive.
 */
export function certify(bounds: ClassBounds, { noise, scale, sensitivity, inputNorm }: CertifiedNoise): Certificate {
  requirePositive('scale', scale, 'It is the scale of the noise: without noise nothing is certified.');
  requirePositive('sensitivity', sensitivity, 'It is an upper bound of how far the layers before the noise move.');
  const unit = scale / sensitivity;
  const radii = noise === 'laplace' ? laplaceRadii(bounds, unit) : gaussianRadii(bounds, unit);
  return {
    ...bounds,
    abstains: bounds.topAtLeast <= bounds.othersAtMost,
    norm: inputNorm ?? (noise === 'laplace' ? 'l1' : 'l2'),
    radius: radii.tight,
    radii,
  };
}

function laplaceRadii(margin: Margin, unit: number): Radii {
  return { pixeldp: laplaceRadius(margin, unit), classic: null, tight: laplaceTightRadius(margin, unit) };
}

function gaussianRadii(margin: Margin, unit: number): Radii {
  return {
    pixeldp: gaussianProfileRadius(margin, unit),
    classic: gaussianClassicRadius(margin, unit),
    tight: gaussianTightRadius(margin, unit),
  };
}

/** A certificate beside the true class. */
export interface CertifiedExample {
  readonly certificate: Certificate;
  readonly label: number;
}

/** Share of examples that are right and certified at least to `radius`; abstaining counts as wrong. */
export function certifiedAccuracy(examples: readonly CertifiedExample[], radius: number): number {
  if (examples.length === 0) throw new RangeError('certified accuracy needs at least one example, but there are 0.');
  const certified = examples.filter(({ certificate, label }) => {
    return !certificate.abstains && certificate.predicted === label && certificate.radius >= radius;
  });
  return certified.length / examples.length;
}
