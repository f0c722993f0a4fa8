/** Δ_{p,q} of a convolution for all pairs of L1, L2 and L∞, aware of its stride. See `sensitivity-pairs.ts`. */

import type { NdArray, Shape } from '../contracts/array.ts';
import { dualOf, type NormPair, type PairBound, type PairNorm, vectorNorm } from './sensitivity-pairs.ts';
import { type Matrix, spectralNormAtMost } from './sensitivity-spectral.ts';

export interface Convolution {
  /** `[height, width, in, out]`. */
  readonly kernel: NdArray;
  readonly strides: readonly [number, number];
  /** `[height, width, channels]` of one example, of the input and of the output. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/**
 * From L1, one pixel reaches at stride s only the taps of its own residue modulo s; to L∞, one output sees the whole kernel of
 * its channel: both exact where a window lies within the image. L2 to L2 is the least of two bounds; pairs that are NP-hard
 * pay √n for their norm. Zero padding only lowers what a convolution does.
 */
export function convPair(convolution: Convolution, { from, to }: NormPair): PairBound {
  const { kernel, strides } = convolution;
  if (from === 'l1') return { bound: largestPhase(kernel, strides, to), exact: true };
  if (to === 'linf') return { bound: largestFilter(kernel, dualOf(from)), exact: true };
  const spectral = Math.min(patchBound(kernel, strides), fourierBound(kernel, strides));
  const [inputs, outputs] = [sizeOf(convolution.inputShape), sizeOf(convolution.outputShape)];
  const [enter, leave] = [from === 'linf' ? inputs : 1, to === 'l1' ? outputs : 1];
  const bounds = [spectral * Math.sqrt(enter * leave)];
  // ‖x‖₁ ≤ n^(1/2 or 1) ‖x‖_p on one side, ‖y‖_q ≤ n^(1/2 or 1) ‖y‖∞ on the other.
  if (to === 'l1') bounds.push(largestPhase(kernel, strides, 'l1') * (from === 'l2' ? Math.sqrt(inputs) : inputs));
  if (from === 'linf') bounds.push(largestFilter(kernel, 'l1') * (to === 'l2' ? Math.sqrt(outputs) : outputs));
  return { bound: Math.min(...bounds), exact: false };
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

type Dimensions = readonly [height: number, width: number, inputs: number, outputs: number];

/** The largest norm of what one input entry spreads over the output: over residues of the stride and input channels. */
function largestPhase(kernel: NdArray, [sh, sw]: readonly [number, number], norm: PairNorm): number {
  const [height, width, inputs, outputs] = kernel.shape as Dimensions;
  let largest = 0;
  for (let phase = 0; phase < sh * sw * inputs; phase += 1) {
    const [r, c, channel] = [Math.floor(phase / (sw * inputs)), Math.floor(phase / inputs) % sw, phase % inputs];
    const spread: number[] = [];
    for (let i = r; i < height; i += sh) {
      for (let j = c; j < width; j += sw) {
        const start = ((i * width + j) * inputs + channel) * outputs;
        spread.push(...kernel.data.subarray(start, start + outputs));
      }
    }
    largest = Math.max(largest, vectorNorm(spread, norm));
  }
  return largest;
}

/** The largest norm of the weights of one output channel. */
function largestFilter({ shape, data }: NdArray, norm: PairNorm): number {
  const outputs = (shape as Dimensions)[3];
  const filters = Array.from({ length: outputs }, (_, o) => data.filter((_value, i) => i % outputs === o));
  return Math.max(...filters.map((filter) => vectorNorm(filter, norm)));
}

/** √(⌈kh/sh⌉ · ⌈kw/sw⌉) patches hold a pixel, each at most σ_max of the kernel as a matrix (what PixelDP evaluates). */
export function patchBound(kernel: NdArray, [sh, sw]: readonly [number, number]): number {
  const [height, width, inputs, outputs] = kernel.shape as Dimensions;
  const matrix = { rows: height * width * inputs, columns: outputs, data: Float64Array.from(kernel.data) };
  return Math.sqrt(Math.ceil(height / sh) * Math.ceil(width / sw)) * spectralNormAtMost(matrix);
}

/** Frequencies along each axis. */
const gridSize = 64;

/**
 * sup over frequencies of σ_max(K̂(ω)), on an N × N grid times 1 ÷ cos(π⌊k/2⌋/N) for each axis (Ehlich, Zeller 1964), where a
 * stride s makes s² input channels out of one and ⌈k/s⌉ taps out of k.
 */
export function fourierBound(kernel: NdArray, strides: readonly [number, number]): number {
  const [height, width] = kernel.shape as Dimensions;
  const taps = [Math.ceil(height / strides[0]), Math.ceil(width / strides[1])] as const;
  let largest = 0;
  for (let u = 0; u < gridSize; u += 1) {
    // The other half of the grid is the conjugate of this one.
    for (let v = 0; v <= gridSize / 2; v += 1) {
      largest = Math.max(largest, spectralNormAtMost(response(kernel, strides, [u, v]), largest));
    }
  }
  return taps.reduce((bound, count) => bound / Math.cos((Math.PI * Math.floor(count / 2)) / gridSize), largest);
}

/** K̂(ω) = A + iB `[out, in · s²]` as the real [[A, −B], [B, A]], whose singular values are the same, each twice. */
function response(kernel: NdArray, [sh, sw]: readonly [number, number], [u, v]: readonly [number, number]): Matrix {
  const [, width, inputs, outputs] = kernel.shape as Dimensions;
  const half = inputs * sh * sw;
  const columns = 2 * half;
  const data = new Float64Array(2 * outputs * columns);
  kernel.data.forEach((weight, index) => {
    const o = index % outputs;
    const channel = Math.floor(index / outputs) % inputs;
    const tap = Math.floor(index / (outputs * inputs));
    const [i, j] = [Math.floor(tap / width), tap % width];
    const column = (channel * sh + (i % sh)) * sw + (j % sw);
    const angle = (2 * Math.PI * (u * Math.floor(i / sh) + v * Math.floor(j / sw))) / gridSize;
    const add = (row: number, at: number, value: number) => {
      data[row * columns + at] = (data[row * columns + at] as number) + value;
    };
    add(o, column, weight * Math.cos(angle));
    add(o, half + column, -weight * Math.sin(angle));
    add(outputs + o, column, weight * Math.sin(angle));
    add(outputs + o, half + column, weight * Math.cos(angle));
  });
  return { rows: 2 * outputs, columns, data };
}
