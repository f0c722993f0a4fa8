/** Sums of independent losses: powers and products of Fourier transforms of tilted masses. */

import { forward, inverse, type Spectrum } from './fft.ts';
import { logMomentFurther, meanIndex, type TiltedPmf } from './tilted.ts';

/** The losses lowest·step … (lowest + length − 1)·step; a sum outside comes back in on the other side. */
export interface Window {
  readonly lowest: number;
  /** A power of two. */
  readonly length: number;
}

/** A transform of masses whose indices were shifted by `centre`, so that phases stay small. */
interface Centred extends Spectrum {
  readonly centre: number;
}

function centredTransform(pmf: TiltedPmf, length: number): Centred {
  const centre = Math.round(meanIndex(pmf));
  const values = new Float64Array(length);
  for (let i = 0; i < pmf.masses.length; i++) values[(pmf.first + i - centre) & (length - 1)] += pmf.masses[i];
  return { ...forward(values), centre };
}

/** One of the things summed: so many independent copies. */
export interface Term {
  readonly pmf: TiltedPmf;
  readonly count: number;
}

/** Adds count · log(transform) to the logarithm of the product, held as modulus and phase. */
function addLogPower(product: Spectrum, { re, im }: Spectrum, count: number): void {
  for (let k = 0; k < re.length; k++) {
    product.re[k] += 0.5 * count * Math.log(re[k] * re[k] + im[k] * im[k]);
    product.im[k] += count * Math.atan2(im[k], re[k]);
  }
}

function exponential({ re, im }: Spectrum): Spectrum {
  for (let k = 0; k < re.length; k++) {
    const size = re[k] < -75 ? 0 : Math.exp(re[k]);
    const angle = im[k];
    re[k] = size === 0 ? 0 : size * Math.cos(angle);
    im[k] = size === 0 ? 0 : size * Math.sin(angle);
  }
  return { re, im };
}

/**
 * The tilted masses of the sum of all terms, which share step and tilt, in the window. Negative rounding is cut off, and so is all that
 * lies where no sum can: what it seems to say of far losses would spoil Chernoff's bounds on the next sum.
 */
export function summed(terms: readonly Term[], { lowest, length }: Window): TiltedPmf {
  const product = { re: new Float64Array(length / 2 + 1), im: new Float64Array(length / 2 + 1) };
  let [centre, logMoment, least, most] = [0, 0, 0, 0];
  for (const { pmf, count } of terms) {
    const transformed = centredTransform(pmf, length);
    addLogPower(product, transformed, count);
    centre += count * transformed.centre;
    logMoment += count * pmf.logMoment;
    least += count * pmf.first;
    most += count * (pmf.first + pmf.masses.length - 1);
  }
  const circular = inverse(exponential(product));
  const masses = new Float64Array(length);
  const start = (((lowest - centre) % length) + length) % length;
  const [from, to] = [Math.max(0, least - lowest), Math.min(length - 1, most - lowest)];
  for (let i = from; i <= to; i++) masses[i] = Math.max(0, circular[(start + i) & (length - 1)]);
  const { step, tilt } = (terms[0] as Term).pmf;
  return { step, tilt, first: lowest, logMoment, masses };
}

/**
 * An upper bound (Chernoff) on the tilted mass of the sum outside the window, at the further tilts `left` and `right`
 * or smaller ones: on a grid the best tilt is less extreme where the law has an edge.
 */
export function massOutside(
  terms: readonly Term[],
  { lowest, length }: Window,
  { left, right }: { left: number; right: number },
): number {
  const step = (terms[0] as Term).pmf.step;
  const moment = (further: number) =>
    terms.reduce((sum, { pmf, count }) => sum + count * logMomentFurther(pmf, further), 0);
  const above = leastBound(right, (further) => moment(further) - further * (lowest + length) * step);
  const below = leastBound(left, (further) => moment(-further) + further * (lowest - 1) * step);
  return above + below;
}

const ENOUGH = -30;

/** e^bound at the first of t, t/2, t/4, … where that is negligible, or the least of them. */
function leastBound(start: number, logBound: (further: number) => number): number {
  let least = logBound(start);
  for (let trial = 1; trial < 12 && !(least < ENOUGH); trial++) {
    const next = logBound(start * 0.5 ** trial);
    if (Number.isNaN(least) || next < least) least = next;
  }
  return Math.min(1, Math.exp(least));
}

/** How far rounding can move the summed masses together: 8 ε log₂(length) for each copy. */
export function roundingOf(copies: number, { length }: Window): number {
  return 8 * Number.EPSILON * Math.log2(length) * (copies + 2);
}
