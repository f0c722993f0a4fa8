/** Derivatives by central differences, to test gradients against. */

import { sizeOf } from '../../arrays/ndarray.ts';
import { arraysOf, mapArrays } from '../../arrays/tree.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { Arrays, NdArray, Shape, Tensors, Tree } from '../../contracts/array.ts';
import { grad } from '../differentiate.ts';

/** A scalar expression of named arrays. */
export type Expression = (inputs: Readonly<Record<string, Tensor>>) => Tensor;
export type Point = Readonly<Record<string, NdArray>>;

/** What differentiation says along a direction, and what central differences say. */
export interface Comparison {
  readonly gradient: number;
  readonly difference: number;
}

export interface DerivativeCheck {
  readonly first: Comparison;
  /** Of ⟨∇f, v⟩ for a fixed direction v. */
  readonly second: Comparison;
}

/**
 * Compares the gradient of an expression with central differences of fourth order (four evaluations at ±h and ±2h), along
 * a direction that the gradient itself and a random one share. Sums are taken in float64.
 */
export async function checkGradient(name: string, f: Expression, point: Point, step: number): Promise<Comparison> {
  const gradient = compile(`gradient of ${name}`, (inputs: Tensors<Point>) => grad(f, inputs));
  const value = compile(`value of ${name}`, (inputs: Tensors<Point>) => f(inputs));
  const first = await gradient(point);
  const along = direction(first, 1);
  const at = async (s: number) => (await value(moved(point, along, s))).data[0] as number;
  return { gradient: dot(first, along), difference: await centralDifference(at, step) };
}

/** The same for the gradient of ⟨∇f, v⟩, for a fixed direction v. */
async function checkSecond(name: string, f: Expression, point: Point, step: number): Promise<Comparison> {
  const gradient = compile(`gradient of ${name}`, (inputs: Tensors<Point>) => grad(f, inputs));
  const slope = compile(`second derivative of ${name}`, ({ at, v }: { at: Tensors<Point>; v: Tensors<Point> }) =>
    grad((inputs) => inner(grad(f, inputs), v), at),
  );
  const first = await gradient(point);
  const [along, v] = [direction(first, 1), direction(first, 2)];
  const second = await slope({ at: point, v });
  const at = async (s: number) => dot(await gradient(moved(point, along, s)), v);
  return { gradient: dot(second, along), difference: await centralDifference(at, step) };
}

/** First and second derivatives. */
export async function checkDerivatives(
  name: string,
  f: Expression,
  point: Point,
  step: number,
): Promise<DerivativeCheck> {
  return { first: await checkGradient(name, f, point, step), second: await checkSecond(name, f, point, step) };
}

/** f′(0), but for terms in step⁴. */
async function centralDifference(f: (s: number) => Promise<number>, step: number): Promise<number> {
  const near = (await f(step)) - (await f(-step));
  const far = (await f(2 * step)) - (await f(-2 * step));
  return (8 * near - far) / (12 * step);
}

function inner(a: Tensors<Point>, b: Tensors<Point>): Tensor {
  return Object.keys(a)
    .map((name) => tf.sum(tf.mul(a[name] as Tensor, b[name] as Tensor)))
    .reduce((sum, product) => tf.add(sum, product));
}

/** Of length 1 in the largest entry: the gradient where it is large, and noise. */
function direction(gradient: Point, seed: number): Point {
  const largest = arraysOf(gradient).reduce(
    (most, { data }) => data.reduce((m, x) => Math.max(m, Math.abs(x)), most),
    1e-30,
  );
  return mapArrays(gradient, ({ shape, data }, path) => {
    const noise = randomArray(shape, seed + path.length * 7 + path.charCodeAt(0));
    return { shape, data: data.map((value, index) => (value / largest + (noise.data[index] as number)) / 2) };
  });
}

function moved(point: Point, along: Point, by: number): Point {
  const steps = arraysOf(along);
  let next = 0;
  return mapArrays(point, ({ shape, data }) => {
    const step = steps[next++] as NdArray;
    return { shape, data: data.map((value, index) => value + by * (step.data[index] as number)) };
  });
}

function dot(a: Tree<NdArray> | Arrays<Tensors<Point>>, b: Point): number {
  const others = arraysOf(b);
  return arraysOf(a).reduce(
    (sum, { data }, array) => sum + data.reduce((s, x, i) => s + x * (others[array]?.data[i] as number), 0),
    0,
  );
}

/** Reproducible values within a range (a sine, scrambled). */
export function randomArray(shape: Shape, seed: number, [low, high]: readonly [number, number] = [-1, 1]): NdArray {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    const x = Math.sin((index + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return low + (high - low) * (x - Math.floor(x));
  });
  return { shape, data };
}

/** Reproducible values that lie at least `gap` from each other and from 0, within ±size · gap. */
export function spacedArray(shape: Shape, seed: number, gap: number): NdArray {
  const random = randomArray(shape, seed).data;
  const order = [...random.keys()].sort((i, j) => (random[i] as number) - (random[j] as number));
  const data = new Float32Array(random.length);
  order.forEach((place, rank) => {
    const centred = rank - Math.floor(random.length / 2);
    data[place] = (centred >= 0 ? centred + 1 : centred) * gap;
  });
  return { shape, data };
}
