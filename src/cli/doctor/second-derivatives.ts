/**
 * A self-test of what gradient inversion stands on: a derivative of a gradient, against central differences. TensorFlow.js by
 * itself gets it wrong by 10 % and more; float32 leaves less than 0.1 % here.
 */

import { ndarray, sizeOf } from '../../arrays/ndarray.ts';
import { seededRng } from '../../arrays/rng.ts';
import { grad } from '../../autodiff/index.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../../contracts/array.ts';
import { meanCrossEntropy } from '../../models/losses.ts';

/** Parameters of a small network, or a direction among them. */
interface Point {
  readonly kernel: NdArray;
  readonly dense: NdArray;
}

const shapes = { kernel: [3, 3, 1, 4], dense: [4 * 4 * 4, 3] } as const;
const examples = 2;
const step = 0.01;
const tolerance = 0.005;

export interface SelfTest {
  readonly ok: boolean;
  /** |derivative − central difference| ÷ |central difference|. */
  readonly relativeError: number;
  readonly tolerance: number;
}

/** A scalar of the parameters. */
export type Loss = (at: Tensors<Point>) => Tensor;

/** Runs on the active engine. */
export async function testSecondDerivatives(loss: Loss = networkLoss): Promise<SelfTest> {
  const gradient = compile('self-test: gradient', (at: Tensors<Point>) => grad(loss, at));
  const slope = compile('self-test: second derivative', ({ at, v }: Tensors<{ at: Point; v: Point }>) =>
    grad((point) => inner(grad(loss, point), v), at),
  );
  const at = randomPoint(1);
  const v = randomPoint(2);
  const along = await slope({ at, v }); // the direction in which ⟨∇loss, v⟩ changes most
  const valueAt = async (s: number) => dot(await gradient(moved(at, along, s)), v);
  const near = (await valueAt(step)) - (await valueAt(-step));
  const far = (await valueAt(2 * step)) - (await valueAt(-2 * step));
  const difference = (8 * near - far) / (12 * step); // but for terms in step⁴
  const relativeError = Math.abs(dot(along, along) - difference) / Math.abs(difference);
  return { ok: relativeError < tolerance, relativeError, tolerance };
}

/** Cross-entropy of a convolution, a sigmoid and a dense layer: every op whose gradient needs a cure. */
function networkLoss(point: Tensors<Point>): Tensor {
  return lossWith(tf.sigmoid, point);
}

/** The same with another function in place of the sigmoid. */
export function lossWith(activation: (x: Tensor) => Tensor, { kernel, dense }: Tensors<Point>): Tensor {
  const x = constant([examples, 8, 8, 1], 3) as Tensor4D;
  const features = activation(tf.conv2d(x, kernel as Tensor4D, 2, 'same'));
  const logits = tf.matMul(tf.reshape(features, [examples, shapes.dense[0]]), dense as Tensor2D);
  return meanCrossEntropy(logits, tf.tensor2d([0, 1, 0, 1, 0, 0], [examples, 3]));
}

function constant(shape: number[], seed: number): Tensor {
  return tf.tensor(seededRng(seed).normal(sizeOf(shape)), shape);
}

function randomPoint(seed: number): Point {
  const draw = (shape: Shape, name: string) => ndarray(shape, seededRng(seed).fork(name).normal(sizeOf(shape)));
  return { kernel: draw(shapes.kernel, 'kernel'), dense: draw(shapes.dense, 'dense') };
}

function inner(a: Tensors<Point>, b: Tensors<Point>): Tensor {
  return tf.add(tf.sum(tf.mul(a.kernel, b.kernel)), tf.sum(tf.mul(a.dense, b.dense)));
}

/** In float64: the differences are small beside the values. */
function dot(a: Point, b: Point): number {
  const sum = ({ data }: NdArray, other: NdArray) => data.reduce((s, x, i) => s + x * (other.data[i] as number), 0);
  return sum(a.kernel, b.kernel) + sum(a.dense, b.dense);
}

function moved(at: Point, along: Point, by: number): Point {
  const move = ({ shape, data }: NdArray, direction: NdArray): NdArray => ({
    shape,
    data: data.map((x, i) => x + by * (direction.data[i] as number)),
  });
  return { kernel: move(at.kernel, along.kernel), dense: move(at.dense, along.dense) };
}
