/**
 * Large batches in microbatches: the gradients of their shares in the mean loss add up to the batch's gradient, and what the network
 * computes of a microbatch stays in the processor's cache, and microbatches can be computed at the same time.
 */

import { rows, sizeOf } from '../arrays/ndarray.ts';
import { valueCount } from '../arrays/tree.ts';
import type { NdArray } from '../contracts/array.ts';
import type { Layer, LayerArrays, LayerNoise } from '../contracts/model.ts';
import { outputShapes, type Part } from '../models/network.ts';
import type { ExchangeInputs } from './exchange.ts';
import type { Microbatch, Parties } from './step.ts';

/** The number of examples in each microbatch of a batch; undefined where the batch is better taken whole. */
export type MicrobatchSize = (parties: Parties, batch: BatchOnThreads) => number | undefined;

export interface BatchOnThreads {
  readonly examples: number;
  /** How many microbatches are computed at the same time. */
  readonly threads: number;
}

/** No smaller batch is divided for the sake of the cache. */
const fewestExamples = 128;

/** Of a microbatch. Fewer examples are computed less well, and more gain nothing. */
const [smallest, largest] = [32, 96];

/**
 * Numbers that come out of the layers, for a whole batch and for a microbatch: fewer of the batch stay in a cache of 2 MB nearly as
 * well, and more of a microbatch do not. By the zoo at batches of 128 to 512 on images of 28×28 and 32×32×3, where a step takes
 * 0.7 to 0.95 of its time so.
 */
const [fewestOfBatch, mostOfMicrobatch] = [1_200_000, 2 ** 20];

/** Of a thread's share in the batch: handing it over takes about as long as what layers compute of 100,000 numbers. */
const fewestOfThread = 240_000;

/**
 * Each microbatch reads all parameters and hands out a gradient for each, which takes as long as about so many numbers of what
 * layers compute: a multilayer perceptron, which has more parameters than that, would take twice as long.
 */
const numbersPerParameter = 2;

/** The rule for a network of two parts. On several threads each has as many microbatches as the others. */
export function microbatchSizeOf({ client, server }: { readonly client: Part; readonly server: Part }): MicrobatchSize {
  const layers = [...client.layers, ...server.layers];
  const perExample = numbersPerExample(client) + numbersPerExample(server);
  const most = Math.min(largest, Math.floor(mostOfMicrobatch / perExample));
  return (parties, { examples, threads }) => {
    const [numbers, size] = [examples * perExample, largestDivisor(examples / threads, most)];
    const isLarge = examples >= fewestExamples && numbers >= fewestOfBatch;
    const isShared = threads > 1 && numbers >= threads * fewestOfThread;
    if (!(isLarge || isShared) || size < smallest || hasState(parties)) return undefined;
    const params = [...parties.client.weights.params, ...parties.server.weights.params];
    const isWorthIt = size * perExample >= numbersPerParameter * valueCount(params);
    return isWorthIt && layers.every((layer, index) => isByExample(layer, params[index])) ? size : undefined;
  };
}

/**
 * Whether the layer takes the examples of a batch one by one and its parameters as they are. What others compute of parameters
 * alone (a kernel divided by its bound, the scale of noise) they would compute for each microbatch again.
 */
function isByExample({ mixesExamples, noiseAt, linear }: Layer, params: LayerArrays = {}): boolean {
  return !mixesExamples && noiseAt !== 'always' && (linear === true || valueCount(params) === 0);
}

/** What a layer keeps from batch to batch, it makes of the whole batch. */
function hasState({ client, server }: Parties): boolean {
  return valueCount([client.weights.state, server.weights.state]) > 0;
}

function numbersPerExample({ layers, inputShape }: Part): number {
  return outputShapes(layers, inputShape).reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** Of those that are at most `most`; 0 where there is none, as for what is not whole. */
function largestDivisor(batch: number, most: number): number {
  let size = most;
  while (size > 0 && batch % size > 0) size -= 1;
  return size;
}

/** The batch as views on its arrays: `size` rows in each, which must divide the batch's. */
export function microbatchesOf(batch: Microbatch, size: number): Microbatch[] {
  return Array.from({ length: (batch.x.shape[0] ?? 0) / size }, (_, index) => {
    const own = (array: NdArray) => rows(array, index * size, (index + 1) * size);
    const noise = (draws: LayerNoise) => draws.map((array) => array && own(array));
    return {
      examples: Math.min(size, Math.max(0, batch.examples - index * size)),
      x: own(batch.x),
      y: own(batch.y),
      share: own(batch.share),
      clientNoise: noise(batch.clientNoise),
      serverNoise: noise(batch.serverNoise),
    };
  });
}

export function exchangeInputs({ client, server }: Parties, { examples: _, ...arrays }: Microbatch): ExchangeInputs {
  return { ...arrays, client: client.weights, server: server.weights };
}
