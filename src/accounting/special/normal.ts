/** The standard normal distribution, with full relative precision in both tails. */

import { erfc, erfcx, polynomial } from './erfc.ts';

/** ½ log 2π. */
export const HALF_LOG_2PI = 0.9189385332046727;
const CENTRAL_NUMERATOR = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const CENTRAL_DENOMINATOR = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
];
const NEAR_NUMERATOR = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const NEAR_DENOMINATOR = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const FAR_NUMERATOR = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const FAR_DENOMINATOR = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
];

/** Φ(z) = P[N(0,1) ≤ z]. */
export function ndtr(z: number): number {
  return 0.5 * erfc(-z * Math.SQRT1_2);
}

/** log φ(z), the logarithm of the density. */
export function logNormalDensity(z: number): number {
  return -0.5 * z * z - HALF_LOG_2PI;
}

/** log Φ(z), to full relative precision from z = −1e150 to +∞. logNdtr(−40) = −804.608442… */
export function logNdtr(z: number): number {
  if (z > -1) return Math.log1p(-0.5 * erfc(z * Math.SQRT1_2));
  return -0.5 * z * z + Math.log(0.5 * erfcx(-z * Math.SQRT1_2));
}

/** Φ(b) − Φ(a) for a ≤ b, from the side on which the tails are small. */
export function normalMass(a: number, b: number): number {
  return a > 0 ? ndtr(-a) - ndtr(-b) : ndtr(b) - ndtr(a);
}

/** AS241 (Wichura 1988), PPND16. */
function startingQuantile(p: number): number {
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred;
    return (centred * polynomial(CENTRAL_NUMERATOR, r)) / polynomial(CENTRAL_DENOMINATOR, r);
  }
  const r = Math.sqrt(-Math.log(centred < 0 ? p : 1 - p));
  const tail =
    r <= 5
      ? polynomial(NEAR_NUMERATOR, r - 1.6) / polynomial(NEAR_DENOMINATOR, r - 1.6)
      : polynomial(FAR_NUMERATOR, r - 5) / polynomial(FAR_DENOMINATOR, r - 5);
  return centred < 0 ? -tail : tail;
}

/** Φ⁻¹(p): AS241, then one Newton step on log Φ in the left tail. ndtri(0) = −∞, ndtri(1) = ∞. */
export function ndtri(p: number): number {
  if (p <= 0) return p === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (p >= 1) return p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  const z = startingQuantile(p);
  if (p > 0.5) return z;
  const logP = logNdtr(z);
  return z - (logP - Math.log(p)) * Math.exp(logP - logNormalDensity(z));
}
