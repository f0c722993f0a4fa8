/** One private step of a client on the small task, with learning rate 1: for tests of DP-SGD. */

import { zeros } from '../../arrays/ndarray.ts';
import { seededRng } from '../../arrays/rng.ts';
import { arraysOf, mapArrays } from '../../arrays/tree.ts';
import type { GradientRule } from '../../contracts/defense.ts';
import type { Model, Params } from '../../contracts/model.ts';
import { initWeights, splitWeights } from '../../models/network.ts';
import { sgd } from '../../models/optimizers.ts';
import { type LotSource, privateLot } from '../lots.ts';
import { type Parties, trainingStep } from '../step.ts';
import { partsOf } from '../train.ts';
import { blobs, smallModel } from './small-task.ts';

export interface ClientStep {
  readonly rule: GradientRule;
  /** The public normaliser. */
  readonly batchSize?: number;
  /** Which examples are in the lot. */
  readonly indices: readonly number[];
  /** Of the noise. */
  readonly seed?: number;
  /** Layers on the client: 2 has one layer with parameters, 5 has two. */
  readonly cut?: number;
  /** Of this step, where it adapts. */
  readonly clipNorm?: number;
  /** The small one where left out. */
  readonly model?: Model;
}

export interface ClientMove {
  /** How the step moves the client's parameters: minus the noisy mean gradient. */
  readonly move: Float64Array;
  /** Of the next step, where it adapts. */
  readonly clipNorm: number | undefined;
}

const small = smallModel();
const data = blobs(120, 'train');

export async function clientStep(options: ClientStep): Promise<ClientMove> {
  const { rule, batchSize = 8, indices, seed = 1, cut = 2, clipNorm = rule.clipNorm, model = small } = options;
  const design = { ...partsOf(model, cut), optimizer: sgd(), learningRate: 1, mode: 'fused' as const };
  const step = trainingStep({ ...design, privacy: { rule, normaliser: batchSize } });
  const { client, server } = splitWeights(initWeights(model, seededRng(5)), cut);
  const party = (weights: typeof client) => ({ weights, optimizer: sgd().init(weights.params) });
  const parties: Parties = { client: party(client), server: party(server) };
  const source: LotSource = { model, cut, data, batchSize, rng: seededRng(2), noiseRng: seededRng(seed).fork('noise') };
  const own = { name: 'step', params: client.params, rule, clipNorm };
  const silent = () => ({ smashedData: <T>(sent: T) => sent, cutGradient: <T>(sent: T) => sent });
  const result = await step(parties, privateLot(source, Int32Array.from(indices), own), silent);
  return { move: difference(result.parties.client.weights.params, client.params), clipNorm: result.clipNorm };
}

function difference(after: Params, before: Params): Float64Array {
  const moved = arraysOf(after);
  let index = 0;
  const changes = mapArrays(before, (array) => {
    const own = moved[index++] ?? zeros(array.shape);
    return { ...array, data: own.data.map((value, i) => value - (array.data[i] as number)) };
  });
  return Float64Array.from(arraysOf(changes).flatMap((array) => [...array.data]));
}

/** The whole numbers from `from` to `to` − 1. */
export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

export const normOf = (vector: Float64Array): number => Math.hypot(...vector);

export const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - (b[i] as number));

/** The root of the mean square: the standard deviation of draws of mean 0. */
export const spreadOf = (draws: readonly number[]): number =>
  Math.sqrt(draws.reduce((sum, value) => sum + value ** 2, 0) / draws.length);
