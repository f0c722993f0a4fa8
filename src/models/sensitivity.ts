/**
 * How far a linear layer can move its output: upper bounds of its operator norm, as expressions that can be differentiated.
 * Every function here errs upwards only, so that noise scaled by it is never too small. Zero padding only lowers the norm.
 */

import { type Tensor, tf } from '../compile/tf.ts';

/** ‖W‖₁→₁ of y = x·W, `kernel` `[in, out]`: the largest column of absolute weights that leaves one input. Exact. */
export function denseL1(kernel: Tensor): Tensor {
  return tf.max(tf.sum(tf.abs(kernel), 1));
}

/** ‖W‖∞→∞: the largest row of absolute weights that enters one output. Exact. */
export function denseLinf(kernel: Tensor): Tensor {
  return tf.max(tf.sum(tf.abs(kernel), 0));
}

/** Upper bound of ‖W‖₂→₂: at most rank^(1/64) times too large (7 % at rank 64), and never too small. */
export function denseL2(kernel: Tensor): Tensor {
  return spectralNorms(tf.expandDims(kernel, 0)).squeeze([0]);
}

/**
 * ‖K‖₁→₁ of a convolution, `kernel` `[height, width, in, out]`: one input pixel reaches, at stride s, only the taps of its own
 * residue modulo s, so the bound is the largest Σ|k[r::s, r′::s, c, :]| over residues and input channels. Exact.
 */
export function convL1(kernel: Tensor, strides: readonly [number, number]): Tensor {
  return tf.max(tf.sum(tf.abs(phasesOf(kernel, strides)), [0, 2, 5]));
}

/** ‖K‖∞→∞ of a convolution: one output position sees every tap of its filter. Exact where a window lies within the image. */
export function convLinf(kernel: Tensor): Tensor {
  return tf.max(tf.sum(tf.abs(kernel), [0, 1, 2]));
}

const gridSize = 32;

/**
 * Upper bound of ‖K‖₂→₂ of a convolution: a convolution of stride s is one of stride 1 over s² phases of the input, whose
 * norm is the largest singular value of K̂(ω) over all frequencies. The maximum over a grid of N × N frequencies, times
 * 1 ÷ cos(π·⌊k/2⌋ ÷ N) for each axis, bounds that over all of them (Ehlich and Zeller 1964, for trigonometric polynomials).
 */
export function convL2(kernel: Tensor, strides: readonly [number, number]): Tensor {
  const phases = phasesOf(kernel, strides);
  const [tapsH, , tapsW] = phases.shape as [number, number, number];
  const norms = spectralNorms(frequencyResponse(phases));
  return tf.mul(tf.max(norms), gridFactor(tapsH) * gridFactor(tapsW));
}

function gridFactor(taps: number): number {
  return 1 / Math.cos((Math.PI * Math.floor(taps / 2)) / gridSize);
}

/** `[⌈kh/s⌉, s, ⌈kw/s⌉, s, in, out]`: the taps of each residue modulo the stride. */
export function phasesOf(kernel: Tensor, [sh, sw]: readonly [number, number]): Tensor {
  const [kh, kw, inputs, outputs] = kernel.shape as [number, number, number, number];
  const [th, tw] = [Math.ceil(kh / sh), Math.ceil(kw / sw)];
  const none: [number, number] = [0, 0];
  const padded = tf.pad(kernel, [[0, th * sh - kh], [0, tw * sw - kw], none, none]);
  return tf.reshape(padded, [th, sh, tw, sw, inputs, outputs]);
}

/** Of a dense layer, by norm. */
export const denseSensitivity = { l1: denseL1, l2: denseL2, linf: denseLinf } as const;
/** Of a convolution, by norm. */
export const convSensitivity = { l1: convL1, l2: convL2, linf: convLinf } as const;

/**
 * K̂(ω) for half of the grid (the other half is its conjugate), each complex matrix A + iB as the real [[A, −B], [B, A]],
 * which has the same singular values, each twice: `[frequencies, 2·out, 2·in·s²]`.
 */
function frequencyResponse(phases: Tensor): Tensor {
  const [th, sh, tw, sw, inputs, outputs] = phases.shape as number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const columns = inputs * sh * sw;
  const taps = tf.reshape(tf.transpose(phases, [0, 2, 5, 1, 3, 4]), [th * tw, outputs * columns]);
  const { cosines, sines, count } = waves(th, tw);
  const shape = [count, outputs, columns];
  const real = tf.reshape(tf.matMul(cosines, taps), shape);
  const imaginary = tf.reshape(tf.matMul(sines, taps), shape);
  return tf.concat([tf.concat([real, tf.neg(imaginary)], 2), tf.concat([imaginary, real], 2)], 1);
}

function waves(th: number, tw: number): { cosines: Tensor; sines: Tensor; count: number } {
  const angles: number[] = [];
  for (let u = 0; u < gridSize; u += 1) {
    for (let v = 0; v <= gridSize / 2; v += 1) {
      for (let i = 0; i < th; i += 1) {
        for (let j = 0; j < tw; j += 1) angles.push((2 * Math.PI * (u * i + v * j)) / gridSize);
      }
    }
  }
  const count = gridSize * (gridSize / 2 + 1);
  const wave = (of: (angle: number) => number) => tf.tensor2d(Float32Array.from(angles, of), [count, th * tw]);
  return { cosines: wave(Math.cos), sines: wave(Math.sin), count };
}

const squarings = 5;
const roundingMargin = 1 + 1e-5; // float32 may round the bound down

/**
 * Upper bounds of the largest singular value of each matrix, `[batch, rows, columns]` → `[batch]`:
 * λ_max(G) ≤ (tr G^p)^(1/p) for the Gram matrix G and p = 2^5, by repeated squaring, rescaled to trace 1 each time.
 */
function spectralNorms(matrices: Tensor): Tensor {
  const [, rows = 0, columns = 0] = matrices.shape;
  const wide = rows < columns;
  const gram = tf.matMul(matrices, matrices, !wide, wide);
  const size = Math.min(rows, columns);
  const trace = (g: Tensor) => tf.sum(tf.mul(g, tf.eye(size)), [1, 2], true);
  const positive = (t: Tensor) => tf.add(t, 1e-30); // a zero kernel has norm 0, not 0 ÷ 0
  let scale = positive(trace(gram));
  let power = tf.div(gram, scale);
  let logNorm = tf.log(scale);
  for (let j = 1; j <= squarings; j += 1) {
    const square = tf.matMul(power, power);
    scale = positive(trace(square));
    power = tf.div(square, scale);
    logNorm = tf.add(logNorm, tf.mul(tf.log(scale), 2 ** -j));
  }
  return tf.mul(roundingMargin, tf.exp(tf.mul(0.5, tf.squeeze(logNorm, [1, 2]))));
}
