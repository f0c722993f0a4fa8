/** Two inputs at a stated distance that a network moves as far apart as it can. */

import { ndarray, sizeOf } from '../../arrays/ndarray.ts';
import { grad } from '../../autodiff/index.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../contracts/array.ts';
import type { Norm, Weights } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';

/** The network before its noise, `[batch, …]` → `[batch, …]`. */
export type NoiselessNetwork = (weights: Tensors<Weights>, x: Tensor) => Tensor;

export interface PairRequest {
  readonly network: NoiselessNetwork;
  readonly weights: Weights;
  /** Of one example. */
  readonly inputShape: Shape;
  /** Of the input and of the output alike. */
  readonly norm: Norm;
  readonly distance: number;
  readonly rng: Rng;
}

export interface InputPair {
  /** `[1, …]`. */
  readonly x: NdArray;
  readonly moved: NdArray;
  /** ‖f(x) − f(x′)‖: at most Δ times the distance, if Δ is right. */
  readonly outputDistance: number;
}

/**
 * In L2: x′ = x + D · v with v by power iteration on the Jacobian, started at random. In L1: the extreme points of the ball are
 * single pixels, so every pixel is tried, up and down; exact for a linear network.
 */
export async function worstPair(request: PairRequest): Promise<InputPair> {
  const { inputShape, rng } = request;
  const x = ndarray([1, ...inputShape], rng.fork('input').uniform(sizeOf(inputShape)));
  const shift = request.norm === 'l1' ? await worstPixel(request, x) : await steepestShift(request, x);
  const moved = { shape: x.shape, data: x.data.map((value, i) => value + (shift[i] as number)) };
  const [distance = 0] = await outputDistances(request, x, moved);
  return { x, moved, outputDistance: distance };
}

/** ‖f(x) − f(x′_i)‖ for each row x′_i. */
async function outputDistances({ network, weights, norm }: PairRequest, x: NdArray, rows: NdArray): Promise<number[]> {
  const measure = compile('output distances', (inputs: { weights: Tensors<Weights>; x: Tensor; rows: Tensor }) => {
    const difference = tf.sub(network(inputs.weights, inputs.rows), network(inputs.weights, inputs.x));
    const flat = tf.reshape(difference, [rows.shape[0] as number, -1]);
    return norm === 'l1' ? tf.sum(tf.abs(flat), 1) : tf.sqrt(tf.sum(tf.square(flat), 1));
  });
  return [...(await measure({ weights, x, rows })).data];
}

async function worstPixel(request: PairRequest, x: NdArray): Promise<Float32Array> {
  const size = x.data.length;
  const shifts = [request.distance, -request.distance].flatMap((by) =>
    Array.from({ length: size }, (_, pixel) => ({ pixel, by })),
  );
  const rows = ndarray([shifts.length, ...request.inputShape], new Float32Array(shifts.length * size));
  for (const [row, { pixel, by }] of shifts.entries()) {
    rows.data.set(x.data, row * size);
    rows.data[row * size + pixel] = (x.data[pixel] as number) + by;
  }
  const distances = await outputDistances(request, x, rows);
  const best = shifts[distances.indexOf(Math.max(...distances))];
  return Float32Array.from(x.data, (_, i) => (i === best?.pixel ? best.by : 0));
}

const iterations = 30;

async function steepestShift({ network, weights, distance, rng }: PairRequest, x: NdArray): Promise<Float32Array> {
  const slope = compile('slope of the distance', (inputs: { weights: Tensors<Weights>; x: Tensor; shift: Tensor }) =>
    grad((shift: Tensor) => {
      const difference = tf.sub(network(inputs.weights, tf.add(inputs.x, shift)), network(inputs.weights, inputs.x));
      return tf.sum(tf.square(difference));
    }, inputs.shift),
  );
  let shift = scaledTo(distance, rng.fork('shift').normal(x.data.length));
  for (let i = 0; i < iterations; i++) {
    const { data } = await slope({ weights, x, shift: { shape: x.shape, data: shift } });
    if (data.every((value) => value === 0)) break; // nothing moves the output from here
    shift = scaledTo(distance, data);
  }
  return shift;
}

function scaledTo(distance: number, values: Float32Array): Float32Array {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => (value * distance) / norm);
}
