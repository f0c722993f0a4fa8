/** Two inputs at a stated distance that a network moves as far apart as it can. */

import { ndarray, sizeOf } from '../../arrays/ndarray.ts';
import { grad } from '../../autodiff/index.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../contracts/array.ts';
import type { NoiseNorm, Norm, Weights } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';

/** The network before its noise, `[batch, …]` → `[batch, …]`. */
export type NoiselessNetwork = (weights: Tensors<Weights>, x: Tensor) => Tensor;

export interface PairRequest {
  readonly network: NoiselessNetwork;
  readonly weights: Weights;
  /** Of one example. */
  readonly inputShape: Shape;
  /** Of the input, and of the output. */
  readonly norms: { readonly from: Norm; readonly to: NoiseNorm };
  /** Of the inputs. */
  readonly distance: number;
  readonly rng: Rng;
}

export interface InputPair {
  /** `[1, …]`. */
  readonly x: NdArray;
  readonly moved: NdArray;
  /** ‖f(x) − f(x′)‖ in the output's norm: at most Δ times the distance, if Δ is right. */
  readonly outputDistance: number;
}

/**
 * x and x′ lie at c ∓ s/2 around a random center c, with ‖s‖ = D in the input's norm. From L1 the extreme points of the ball are
 * single pixels, so every pixel is tried; exact for a linear network. From L2 and L∞: s by power iteration, where each step goes to
 * the point of the ball that is farthest along the slope of ‖f(x) − f(x′)‖ (Boyd 1974). Between different norms that ends in local
 * maxima, so the best of several starts is taken.
 */
export async function worstPair(request: PairRequest): Promise<InputPair> {
  const { inputShape, rng } = request;
  const center = ndarray([1, ...inputShape], rng.fork('input').uniform(sizeOf(inputShape)));
  const shift = request.norms.from === 'l1' ? await worstPixel(request, center) : await steepestShift(request, center);
  const shifts = { shape: center.shape, data: shift };
  const at = (share: number) => center.data.map((value, i) => value + share * (shift[i] as number));
  const [outputDistance = 0] = await outputDistances(request, center, shifts);
  return {
    x: { shape: center.shape, data: at(-0.5) },
    moved: { shape: center.shape, data: at(0.5) },
    outputDistance,
  };
}

/** f(c + s/2) − f(c − s/2). */
function movement(network: NoiselessNetwork, { weights, center, shifts }: Tensors<MovementInputs>): Tensor {
  const half = tf.mul(shifts, 0.5);
  return tf.sub(network(weights, tf.add(center, half)), network(weights, tf.sub(center, half)));
}

interface MovementInputs {
  readonly weights: Weights;
  readonly center: NdArray;
  /** `[shifts, …]`. */
  readonly shifts: NdArray;
}

/** How far each shift moves the output. */
async function outputDistances(request: PairRequest, center: NdArray, shifts: NdArray): Promise<number[]> {
  const { network, weights, norms } = request;
  const measure = compile('output distances', (inputs: Tensors<MovementInputs>) => {
    const flat = tf.reshape(movement(network, inputs), [shifts.shape[0] as number, -1]);
    return norms.to === 'l1' ? tf.sum(tf.abs(flat), 1) : tf.sqrt(tf.sum(tf.square(flat), 1));
  });
  return [...(await measure({ weights, center, shifts })).data];
}

async function worstPixel(request: PairRequest, center: NdArray): Promise<Float32Array> {
  const size = center.data.length;
  const shifts = ndarray([size, ...request.inputShape], new Float32Array(size * size));
  for (let pixel = 0; pixel < size; pixel += 1) shifts.data[pixel * size + pixel] = request.distance;
  const distances = await outputDistances(request, center, shifts);
  const best = distances.indexOf(Math.max(...distances));
  return shifts.data.slice(best * size, (best + 1) * size);
}

const iterations = 30;
/** Between different norms, climbed side by side. */
const starts = 16;

async function steepestShift(request: PairRequest, center: NdArray): Promise<Float32Array> {
  const { weights, norms, inputShape, rng } = request;
  const width = center.data.length;
  const count = norms.from === norms.to ? 1 : starts; // a linear network has no local maxima from L2 to L2
  const slope = slopeOf(request);
  let shifts = ndarray([count, ...inputShape], rng.fork('shift').normal(count * width));
  shifts = farthest(shifts, shifts, request);
  for (let i = 0; i < iterations; i += 1) shifts = farthest(await slope({ weights, center, shifts }), shifts, request);
  const distances = await outputDistances(request, center, shifts);
  const best = distances.indexOf(Math.max(...distances));
  return shifts.data.slice(best * width, (best + 1) * width);
}

/** Of the distance in the output's norm, by each shift. */
function slopeOf({ network, norms }: PairRequest) {
  const size = (y: Tensor) => tf.sum(norms.to === 'l1' ? tf.abs(y) : tf.square(y));
  return compile('slope of the distance', ({ shifts, ...fixed }: Tensors<MovementInputs>) =>
    grad((shift: Tensor) => size(movement(network, { ...fixed, shifts: shift })), shifts),
  );
}

/** The point of the ball that is farthest in each direction; where a direction is 0, since nothing moves the output, the old one. */
function farthest(directions: NdArray, old: NdArray, { norms, distance }: PairRequest): NdArray {
  const width = old.data.length / (old.shape[0] as number);
  const points = old.data.slice();
  for (let start = 0; start < points.length; start += width) {
    const direction = directions.data.subarray(start, start + width);
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    if (length === 0) continue;
    const corner = (value: number) => (value < 0 ? -distance : distance);
    const onSphere = (value: number) => (value * distance) / length;
    points.set(direction.map(norms.from === 'linf' ? corner : onSphere), start);
  }
  return { shape: old.shape, data: points };
}
