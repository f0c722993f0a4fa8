/** Sums of independent losses: powers and products of Fourier transforms of tilted masses. */

import { forward, inverse, type Spectrum } from './fft.ts';
import { logMomentFurther, type TiltedPmf } from './tilted.ts';

/** The losses lowest·step … (lowest + length − 1)·step; a sum outside comes back in on the other side. */
export interface Window {
  readonly lowest: number;
  /** A power of two. */
  readonly length: number;
}

/** One of the things summed: so many independent copies. */
export interface Term {
  readonly pmf: TiltedPmf;
  readonly count: number;
}

/** Where an index lies on a circle. */
function around(index: number, length: number): number {
  return ((index % length) + length) % length;
}

/** Of masses whose sums are asked for in several windows. */
const transforms = new WeakMap<TiltedPmf, Spectrum>();

function transformOf(pmf: TiltedPmf, length: number): Spectrum {
  const known = transforms.get(pmf);
  if (known?.re.length === length / 2 + 1) return known;
  const values = new Float64Array(length);
  const start = around(pmf.first, length);
  for (let i = 0; i < pmf.masses.length; i++) values[(start + i) & (length - 1)] += pmf.masses[i];
  const made = forward(values);
  transforms.set(pmf, made);
  return made;
}

/** The digits of a whole number, the lowest first. */
function binaryOf(count: number): boolean[] {
  return Array.from({ length: Math.floor(Math.log2(count)) + 1 }, (_, k) => Math.floor(count / 2 ** k) % 2 === 1);
}

/** A power that is smaller changes no sum, and would only underflow. */
const LOG_NEGLIGIBLE = -75;

/** product · transform^count, by squaring: errs by `count` roundings, relative. */
function multiplyByPower(product: Spectrum, { re, im }: Spectrum, count: number): void {
  const least = Math.exp((2 * LOG_NEGLIGIBLE) / count);
  const digits = binaryOf(count);
  for (let k = 0; k < re.length; k++) {
    let x = re[k];
    let y = im[k];
    const isNegligible = x * x + y * y < least;
    let productRe = isNegligible ? 0 : product.re[k];
    let productIm = isNegligible ? 0 : product.im[k];
    for (let d = 0; d < digits.length && !isNegligible; d++) {
      if (digits[d]) {
        const rotated = productRe * y + productIm * x;
        productRe = productRe * x - productIm * y;
        productIm = rotated;
      }
      const twice = 2 * x * y;
      x = x * x - y * y;
      y = twice;
    }
    product.re[k] = productRe;
    product.im[k] = productIm;
  }
}

/**
 * The tilted masses of the sum of all terms, which share step and tilt, in the window. Negative rounding is cut off, and so is all that
 * lies where no sum can: what it seems to say of far losses would spoil Chernoff's bounds on the next sum.
 */
export function summed(terms: readonly Term[], { lowest, length }: Window): TiltedPmf {
  const product = { re: new Float64Array(length / 2 + 1).fill(1), im: new Float64Array(length / 2 + 1) };
  let [logMoment, least, most] = [0, 0, 0];
  for (const { pmf, count } of terms) {
    multiplyByPower(product, transformOf(pmf, length), count);
    logMoment += count * pmf.logMoment;
    least += count * pmf.first;
    most += count * (pmf.first + pmf.masses.length - 1);
  }
  const circular = inverse(product);
  const masses = new Float64Array(length);
  const start = around(lowest, length);
  const to = Math.min(length - 1, most - lowest);
  for (let i = Math.max(0, least - lowest); i <= to; i++) {
    masses[i] = Math.max(0, circular[(start + i) & (length - 1)]);
  }
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
const MOST_HALVINGS = 60;

/** e^bound at the first of t, t/2, t/4, … where that is negligible, or the least of them: the bound is convex in t. */
function leastBound(start: number, logBound: (further: number) => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let halvings = 0; halvings < MOST_HALVINGS && !(least < ENOUGH); halvings++) {
    const next = logBound(start * 0.5 ** halvings);
    if (next > least) break;
    if (next < least) least = next; // no number where moments overflow
  }
  return Math.min(1, Math.exp(least));
}

/**
 * How far rounding can move the summed masses together: 8 ε log₂(length) for each copy. The transforms stay well
 * below that, and the factors of `tiltedCells` and `coarseCells` add at most 24 ε each (lengths begin at 64).
 */
export function roundingOf(copies: number, { length }: Window): number {
  return 8 * Number.EPSILON * Math.log2(length) * (copies + 2);
}
