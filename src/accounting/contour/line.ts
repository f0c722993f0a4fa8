/** Σ T log M(z) of composed mechanisms along a vertical line of the complex plane, M(z) = E_P[e^(zL)]. */

import type { GaussianMechanism, LaplaceMechanism } from '../mechanisms.ts';
import { mechanismRdp } from '../rdp/rdp.ts';
import { tiltedLoss } from './tilted-loss.ts';

/** What the contour integral covers: mechanisms whose transform is known off the real line. */
export interface ContourPart {
  readonly mechanism: GaussianMechanism | LaplaceMechanism;
  readonly count: number;
}

/** Where the line is, and its equidistant points z_k = tilt + i·k·spacing. */
export interface Line {
  readonly tilt: number;
  readonly spacing: number;
  readonly points: number;
}

/** Σ T (log M(z_k) − log M(tilt)): logarithm of modulus, and phase. */
export interface Transform {
  readonly modulus: Float64Array;
  readonly phase: Float64Array;
}

/** Adds T log(1 + s) to point k of the transform. */
function addLogOnePlus(out: Transform, k: number, { re, im, count }: { re: number; im: number; count: number }): void {
  out.modulus[k] += 0.5 * count * Math.log1p(2 * re + re * re + im * im);
  out.phase[k] += count * Math.atan2(im, 1 + re);
}

/**
 * Adds a subsampled Gaussian. Each node's e^(iuL) − 1 is advanced from u to u + du by d ← d + d₁ + d·d₁, which keeps
 * its relative precision where L is tiny: T · log M must not lose T rounding errors of 1.
 */
function addSampledGaussian(
  out: Transform,
  line: Line,
  { mechanism, count }: ContourPart & { mechanism: GaussianMechanism },
): void {
  const { tilt, spacing, points } = line;
  const { losses, weights } = tiltedLoss(mechanism, tilt, spacing * points);
  const sumRe = new Float64Array(points);
  const sumIm = new Float64Array(points);
  for (let j = 0; j < losses.length; j++) {
    const angle = spacing * losses[j];
    const stepRe = -2 * Math.sin(angle / 2) ** 2;
    const stepIm = Math.sin(angle);
    const weight = weights[j];
    let [re, im] = [0, 0];
    for (let k = 1; k < points; k++) {
      const nextRe = re + stepRe + (re * stepRe - im * stepIm);
      im = im + stepIm + (re * stepIm + im * stepRe);
      re = nextRe;
      sumRe[k] += weight * re;
      sumIm[k] += weight * im;
    }
  }
  for (let k = 1; k < points; k++) addLogOnePlus(out, k, { re: sumRe[k], im: sumIm[k], count });
}

/** Adds a plain Gaussian: log M(z) = (z² + z)/(2σ²). */
function addGaussian(out: Transform, { tilt, spacing, points }: Line, { mechanism, count }: ContourPart): void {
  const rate = count / (2 * mechanism.noiseMultiplier ** 2);
  for (let k = 1; k < points; k++) {
    const u = k * spacing;
    out.modulus[k] -= rate * u * u;
    out.phase[k] += rate * (2 * tilt + 1) * u;
  }
}

/** Adds Laplace noise: M(z) = [(z+1) e^(ze) + z e^(−(z+1)e)] ÷ (2z+1), e the pure ε. */
function addLaplace(
  out: Transform,
  line: Line,
  { mechanism, count }: ContourPart & { mechanism: LaplaceMechanism },
): void {
  const { tilt, spacing, points } = line;
  const pure = 1 / mechanism.noiseMultiplier;
  const decay = Math.exp(-(2 * tilt + 1) * pure);
  const atTilt = Math.log((tilt + 1 + tilt * decay) / (2 * tilt + 1));
  for (let k = 1; k < points; k++) {
    const u = k * spacing;
    const [cos, sin] = [decay * Math.cos(2 * u * pure), -decay * Math.sin(2 * u * pure)];
    const [re, im] = [tilt + 1 + tilt * cos - u * sin, u + tilt * sin + u * cos];
    out.modulus[k] += count * (Math.log(Math.hypot(re, im) / Math.hypot(2 * tilt + 1, 2 * u)) - atTilt);
    out.phase[k] += count * (u * pure + Math.atan2(im, re) - Math.atan2(2 * u, 2 * tilt + 1));
  }
}

/** The transform of everything composed, relative to its value at the tilt. */
export function transformAlong(parts: readonly ContourPart[], line: Line): Transform {
  const out = { modulus: new Float64Array(line.points), phase: new Float64Array(line.points) };
  for (const { mechanism, count } of parts) {
    if (mechanism.kind === 'laplace') addLaplace(out, line, { mechanism, count });
    else if (mechanism.samplingRate === 1) addGaussian(out, line, { mechanism, count });
    else addSampledGaussian(out, line, { mechanism, count });
  }
  return out;
}

/** Σ T log M(tilt), M(θ) = e^(θ · RDP(θ+1)). */
export function logMomentAt(parts: readonly ContourPart[], tilt: number): number {
  return parts.reduce((sum, { mechanism, count }) => sum + count * tilt * mechanismRdp(mechanism, tilt + 1), 0);
}

/** Standard deviation of the composed loss, tilted. */
export function tiltedStd(parts: readonly ContourPart[], tilt: number): number {
  const variances = parts.map(({ mechanism, count }) => {
    if (mechanism.kind === 'laplace') return count * laplaceVariance(1 / mechanism.noiseMultiplier, tilt);
    if (mechanism.samplingRate === 1) return count / mechanism.noiseMultiplier ** 2;
    return count * tiltedLoss(mechanism, tilt, 0).variance;
  });
  return Math.sqrt(variances.reduce((a, b) => a + b, 0));
}

/** Second derivative of the Laplace mechanism's log M at the tilt, by differences of its closed form. */
function laplaceVariance(pure: number, tilt: number): number {
  const logMoment = (t: number) => t * pure + Math.log((t + 1 + t * Math.exp(-(2 * t + 1) * pure)) / (2 * t + 1));
  const h = 1e-3 * (1 + tilt);
  return Math.max((logMoment(tilt + h) - 2 * logMoment(tilt) + logMoment(tilt - h)) / (h * h), 1e-12 * pure * pure);
}
