/**
 * Losses between two mixtures of Gaussians whose log-ratio grows with the outcome x: the subsampled Gaussian in both
 * directions of add-or-remove, and replace-one.
 */

import { erfcx } from '../special/erfc.ts';
import { ndtri } from '../special/normal.ts';
import type { Cells, Grid, LossLaw, LossNodes } from './loss-law.ts';

interface Component {
  readonly weight: number;
  readonly mean: number;
}

/** P and Q with everything in units of the sensitivity. */
export interface MixturePair {
  readonly std: number;
  readonly p: readonly Component[];
  readonly q: readonly Component[];
  /** log dP/dQ at x, increasing. */
  lossAt(x: number): number;
  /** Where the loss is l; ∓∞ where l is below or above every loss. */
  outcomeAt(loss: number): number;
}

/** Half the scaled tail of a normal on the side away from 0: z ≥ 0 the upper, else the lower, times e^scale. */
function tail(z: number, scale: number): number {
  if (z === Number.POSITIVE_INFINITY || z === Number.NEGATIVE_INFINITY) return 0;
  return 0.5 * Math.exp(scale - 0.5 * z * z) * erfcx(Math.abs(z) * Math.SQRT1_2);
}

/**
 * Adds to out[i] weight · e^(scale_i) · P[x_i < N(mean, std²) ≤ x_(i+1)], scale_i the loss at x_i (or 0), from the side
 * on which tails are small.
 */
function addMasses(
  out: Float64Array,
  { xs, std, component }: { xs: Float64Array; std: number; component: Component },
  { scales, step, shift }: { scales: Grid | null; step: number; shift: number },
): void {
  const { weight, mean } = component;
  if (weight === 0) return;
  const scaleAt = (i: number) => (scales === null ? 0 : (scales.first + i) * scales.step + shift);
  const shrink = scales === null ? 1 : Math.exp(-step);
  let z = (xs[0] - mean) / std;
  let here = tail(z, scaleAt(0));
  for (let i = 0; i < out.length; i++) {
    const nextZ = (xs[i + 1] - mean) / std;
    const next = tail(nextZ, scaleAt(i + 1));
    const brought = shrink * next;
    if (z >= 0) out[i] += weight * (here - brought);
    else if (nextZ < 0) out[i] += weight * (brought - here);
    else out[i] += weight * (Math.exp(scaleAt(i)) - here - brought);
    z = nextZ;
    here = next;
  }
}

function cellsOf(pair: MixturePair, grid: Grid, shift: number): Cells {
  const { std } = pair;
  const { step, first, cells } = grid;
  const xs = new Float64Array(cells + 1);
  for (let i = 0; i <= cells; i++) xs[i] = pair.outcomeAt((first + i) * step + shift);
  const mass = new Float64Array(cells);
  const scaledQ = new Float64Array(cells);
  for (const component of pair.p) addMasses(mass, { xs, std, component }, { scales: null, step, shift });
  for (const component of pair.q) addMasses(scaledQ, { xs, std, component }, { scales: grid, step, shift });
  const rise = new Float64Array(cells);
  const share = -1 / Math.expm1(-step);
  for (let i = 0; i < cells; i++) {
    mass[i] = Math.max(0, mass[i]);
    rise[i] = Math.min(mass[i], Math.max(0, (mass[i] - scaledQ[i]) * share));
  }
  return { mass, rise };
}

export function logDensity({ p, std }: MixturePair, x: number): number {
  const logs = p.map(({ weight, mean }) => Math.log(weight) - 0.5 * ((x - mean) / std) ** 2);
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
}

const NODES_PER_STD = 8;

function nodesOf(pair: MixturePair, low: number, high: number): LossNodes {
  const count = Math.ceil(((high - low) / pair.std) * NODES_PER_STD) + 1;
  const spacing = (high - low) / (count - 1);
  const xs = Float64Array.from({ length: count }, (_, k) => low + k * spacing);
  const logScale = Math.log(spacing / pair.std) - 0.9189385332046727;
  return { losses: xs.map((x) => pair.lossAt(x)), logMasses: xs.map((x) => logDensity(pair, x) + logScale) };
}

/** P[x > end] ≤ share at the end returned. */
function rightEnd({ p, std }: MixturePair, share: number): number {
  return Math.max(...p.map(({ weight, mean }) => mean - std * ndtri(Math.min(0.5, share / (p.length * weight || 1)))));
}

/** So many standard deviations below every mean the P-mass is 1e-21. */
const LEFT = 9.5;
const BELOW = 1.1e-21;

/** The law of a pair; losses whose P-mass is at most `share` are counted as infinite. */
export function mixtureLaw(pair: MixturePair, share: number): LossLaw {
  const low = Math.min(...pair.p.map(({ mean }) => mean)) - LEFT * pair.std;
  const high = rightEnd(pair, share);
  return {
    nodes: nodesOf(pair, low, high),
    highest: pair.lossAt(high),
    above: share,
    below: BELOW,
    cells: (grid, shift = 0) => cellsOf(pair, grid, shift),
  };
}
