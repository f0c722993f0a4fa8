/** Which examples a client trains on next, as arrays of fixed shape with all the randomness that a step needs. */

import { full, ndarray, zeros } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { GradientRule } from '../contracts/defense.ts';
import type { Model, Params } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { batchOf, poissonLot, shuffledBatches } from '../data/batches.ts';
import { drawNoise } from '../models/network.ts';
import type { Lot, Microbatch } from './step.ts';
import { drawGradientNoise } from './update.ts';

export interface LotSource {
  readonly model: Model;
  readonly cut: number;
  readonly data: Dataset;
  readonly batchSize: number;
  /** Order of the examples. */
  readonly rng: Rng;
  /** Everything that privacy or a layer draws: Poisson sampling, noise layers, gradient noise. */
  readonly noiseRng: Rng;
}

/** The lots of one local epoch of a client with `examples` examples, as positions among them. */
export function epochPositions(source: LotSource, examples: number, poisson: boolean): Int32Array[] {
  const all = Int32Array.from({ length: examples }, (_, position) => position);
  if (!poisson) return shuffledBatches(all, source.batchSize, source.rng);
  const rate = samplingRate(examples, source.batchSize);
  const steps = stepsPerEpoch(examples, source.batchSize);
  return Array.from({ length: steps }, (_, step) => poissonLot(all, rate, source.noiseRng.fork(`lot-${step}`)));
}

/**
 * Probability with which an example is in a lot: the expected lot has `batchSize` examples, by which its sum is divided.
 *
 * @throws RangeError where the client has fewer: sums of all of them would still be divided by `batchSize`.
 */
export function samplingRate(examples: number, batchSize: number): number {
  if (batchSize <= examples) return batchSize / examples;
  throw new RangeError(
    `must be at most ${examples}, the number of examples of a client, but is ${batchSize}: each is in a lot with probability batchSize ÷ examples, which cannot exceed 1.`,
  );
}

/** @throws RangeError as `samplingRate` does, for the smallest client. */
export function requirePoissonLots(shards: readonly { readonly length: number }[], batchSize: number): void {
  samplingRate(Math.min(...shards.map(({ length }) => length)), batchSize);
}

export function stepsPerEpoch(examples: number, batchSize: number): number {
  return Math.ceil(examples / batchSize);
}

/** One batch as it is, in its own size. */
export function plainLot(source: LotSource, indices: Int32Array, step: string): Lot {
  return {
    microbatches: [microbatch(source, indices, { lotSize: indices.length, name: step })],
    gradientNoise: undefined,
  };
}

export interface PrivateStep {
  /** Names the streams of the step. */
  readonly name: string;
  /** Of the client: shapes for the noise. */
  readonly params: Params;
  readonly rule: GradientRule;
  /** The clipping norm of this step, from earlier steps alone; the rule's where left out. */
  readonly clipNorm?: number;
}

/**
 * A lot of any size in padded microbatches of one shape: what overflows the first is executed in further ones, not dropped.
 * There is one draw of noise for the lot, whatever the number of microbatches (virtual steps).
 */
export function privateLot(source: LotSource, indices: Int32Array, step: PrivateStep): Lot {
  const { name, params, rule, clipNorm = rule.clipNorm } = step;
  const rows = rule.microbatch ?? microbatchRows(source.batchSize);
  const microbatches = Array.from({ length: Math.ceil(indices.length / rows) }, (_, part) =>
    microbatch(source, indices.subarray(part * rows, (part + 1) * rows), {
      lotSize: indices.length,
      name: `${name}/${part}`,
      rows,
    }),
  );
  const gradientNoise = drawGradientNoise(params, source.noiseRng.fork(`gradient/${name}`));
  if (rule.clipping?.kind !== 'adaptive') return { microbatches, gradientNoise };
  const [countNoise = 0] = source.noiseRng.fork(`count/${name}`).normal(1);
  return { microbatches, gradientNoise, clip: { clipNorm, countNoise } };
}

/** Poisson lots exceed their mean by three standard deviations about once in a thousand: one microbatch is enough but then. */
function microbatchRows(batchSize: number): number {
  return batchSize + Math.ceil(3 * Math.sqrt(batchSize));
}

interface MicrobatchOptions {
  readonly lotSize: number;
  readonly name: string;
  readonly rows?: number;
}

function microbatch(source: LotSource, indices: Int32Array, options: MicrobatchOptions): Microbatch {
  const { model, cut } = source;
  const { lotSize, name, rows = indices.length } = options;
  const { x, y } = batchOf(source.data, indices);
  const share = full([indices.length], 1 / lotSize);
  const noise = drawNoise(model.layers, model.inputShape, rows, source.noiseRng.fork(`layers/${name}`), 'training');
  return {
    examples: indices.length,
    x: padRows(x, rows),
    y: padRows(y, rows),
    share: padRows(share, rows),
    clientNoise: noise.slice(0, cut),
    serverNoise: noise.slice(cut),
  };
}

function padRows(array: NdArray, rows: number): NdArray {
  const [given = 0, ...rest] = array.shape;
  if (given === rows) return array;
  const padded = zeros([rows, ...rest]);
  padded.data.set(array.data);
  return ndarray(padded.shape, padded.data);
}
