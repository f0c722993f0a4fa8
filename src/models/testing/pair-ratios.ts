/** How far outputs move apart when inputs do: for random pairs, and for the worst that can be found. Tests sensitivities. */

import { ndarray, rows, sizeOf, zeros } from '../../arrays/ndarray.ts';
import { grad } from '../../autodiff/index.ts';
import { compile } from '../../compile/compile.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { Arrays, NdArray, Tensors } from '../../contracts/array.ts';
import type { Norm } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';

export interface PairSearch<Given> {
  /** `[pairs, …]` to `[pairs, …]`, each row by itself. For use inside compiled functions. */
  readonly map: (x: Tensor, given: Given) => Tensor;
  readonly given: Arrays<Given>;
  /** The first input of each random pair, `[pairs, …]`; the search starts from a few of them. */
  readonly points: NdArray;
  readonly norm: Norm;
  /** Of the inputs of a pair, in that norm. */
  readonly distance: number;
  readonly rng: Rng;
}

/** Largest ‖f(x) − f(x′)‖ ÷ ‖x − x′‖. */
export interface PairRatios {
  /** Over pairs in dense random directions. */
  readonly random: number;
  /** L1: over all single entries, the corners of the ball; L2: over power iterations. */
  readonly adversarial: number;
}

export async function pairRatios<Given>(search: PairSearch<Given>): Promise<PairRatios> {
  const { map, given, points, norm } = search;
  const ratios = compile('ratios', ({ a, b, ...rest }: Tensors<Pairs> & { readonly given: Given }) => {
    const outputs = tf.sub(map(b, rest.given), map(a, rest.given));
    return tf.div(norms(outputs, norm), norms(tf.sub(b, a), norm));
  });
  const largest = async (pairs: Pairs) => (await ratios({ given, ...pairs })).data.reduce((m, r) => Math.max(m, r), 0);
  const worst = norm === 'l1' ? singleEntries(search, rows(points, 0, 4)) : await ascended(search, rows(points, 0, 16));
  return { random: await largest(randomPairs(search, points)), adversarial: await largest(worst) };
}

interface Pairs {
  readonly a: NdArray;
  readonly b: NdArray;
}

function randomPairs({ norm, distance, rng }: Pick<PairSearch<unknown>, 'norm' | 'distance' | 'rng'>, a: NdArray) {
  const [pairs = 0] = a.shape;
  const size = a.data.length / pairs;
  const b = zeros(a.shape);
  for (let pair = 0; pair < pairs; pair += 1) {
    const direction = rng.fork(`pair-${pair}`).normal(size);
    const length = norm === 'l1' ? direction.reduce((sum, v) => sum + Math.abs(v), 0) : Math.hypot(...direction);
    direction.forEach((v, i) => {
      b.data[pair * size + i] = (a.data[pair * size + i] as number) + (v * distance) / length;
    });
  }
  return { a, b };
}

/** From each start every entry up and every entry down. */
function singleEntries({ distance }: Pick<PairSearch<unknown>, 'distance'>, starts: NdArray): Pairs {
  const [count = 0, ...shape] = starts.shape;
  const size = sizeOf(shape);
  const a = ndarray([count * 2 * size, ...shape], new Float32Array(count * 2 * size * size));
  for (let row = 0; row < count * 2 * size; row += 1) {
    const start = Math.floor(row / (2 * size));
    a.data.set(starts.data.subarray(start * size, (start + 1) * size), row * size);
  }
  const b = ndarray(a.shape, a.data.slice());
  for (let row = 0; row < count * 2 * size; row += 1) {
    const entry = row * size + (Math.floor(row / 2) % size);
    b.data[entry] = (b.data[entry] as number) + (row % 2 === 0 ? distance : -distance);
  }
  return { a, b };
}

const powerIterations = 60;

/** b ← a + L · g ÷ ‖g‖ with g = J(b)ᵀ (f(b) − f(a)): the power iteration of JᵀJ, with the Jacobian of where b has come to. */
async function ascended<Given>(search: PairSearch<Given>, starts: NdArray): Promise<Pairs> {
  const { map, given, norm, distance } = search;
  const step = compile('power iteration', ({ a, b, ...rest }: Tensors<Pairs> & { readonly given: Given }) => {
    const origin = map(a, rest.given);
    const ahead = grad((moved) => tf.sum(tf.square(tf.sub(map(moved, rest.given), origin))), b);
    // Where nothing moves, for now, the direction stays.
    const direction = tf.add(ahead, tf.mul(1e-6, tf.sub(b, a)));
    const length = tf.reshape(norms(direction, norm), [-1, ...direction.shape.slice(1).map(() => 1)]);
    return tf.add(a, tf.mul(distance, tf.div(direction, length)));
  });
  let pairs: Pairs = randomPairs(search, starts);
  for (let k = 0; k < powerIterations; k += 1) pairs = { ...pairs, b: await step({ given, ...pairs }) };
  return pairs;
}

function norms(x: Tensor, norm: Norm): Tensor {
  const flat = tf.reshape(x, [x.shape[0] as number, -1]);
  return norm === 'l1' ? tf.sum(tf.abs(flat), 1) : tf.sqrt(tf.sum(tf.square(flat), 1));
}
