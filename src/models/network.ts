/** Running a list of layers, and cutting it in two. */

import { ndarray, sizeOf } from '../arrays/ndarray.ts';
import { valueCount } from '../arrays/tree.ts';
import { contextOf, inQuickOrder, type RunOptions } from '../autodiff/index.ts';
import type { Tensor } from '../compile/tf.ts';
import type { NdArray, Shape, Tensors } from '../contracts/array.ts';
import type { Layer, LayerNoise, LayerTensors, Model, NoiseSpec, Params, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';

/** A run of layers on one side of the cut. */
export interface Part {
  readonly layers: readonly Layer[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

export interface NetworkResult {
  readonly output: Tensor;
  /** The state of every layer after the run. */
  readonly state: Tensors<Params>;
}

/** The layers one after the other on `[batch, …]`. For use inside compiled functions. */
export function applyLayers(
  layers: readonly Layer[],
  weights: Tensors<Weights>,
  x: Tensor,
  { noise, training }: RunOptions,
): NetworkResult {
  let output = x;
  const state = inQuickOrder(layers).map((layer, index) => {
    const result = layer.apply(
      weights.params[index] as LayerTensors,
      output,
      contextOf(index, weights, { noise, training }),
    );
    output = result.output;
    return result.state;
  });
  return { output, state };
}

/**
 * The output shape of every layer, for one example.
 * @throws ShapeError where a layer does not fit, naming it.
 */
export function outputShapes(layers: readonly Layer[], inputShape: Shape): Shape[] {
  let shape = inputShape;
  return layers.map((layer) => {
    shape = layer.outputShape(shape);
    return shape;
  });
}

/** The input shape of every layer, for one example. */
function inputShapes(layers: readonly Layer[], inputShape: Shape): Shape[] {
  return [inputShape, ...outputShapes(layers, inputShape)].slice(0, layers.length);
}

/** Initial parameters and state; each layer draws from a stream of its own. */
export function initWeights({ layers, inputShape }: Pick<Part, 'layers' | 'inputShape'>, rng: Rng): Weights {
  const shapes = inputShapes(layers, inputShape);
  const made = layers.map((layer, index) => layer.init(rng.fork(`layer-${index}`), shapes[index] as Shape));
  return { params: made.map(({ params }) => params), state: made.map(({ state }) => state) };
}

/**
 * The random draws that the layers need for one batch, `undefined` where they need none. Each layer draws from a stream
 * named by its index, so that a noisy layer more shifts no other.
 */
export function drawNoise(
  layers: readonly Layer[],
  inputShape: Shape,
  batchSize: number,
  rng: Rng,
  phase: 'training' | 'evaluation',
): LayerNoise {
  const shapes = inputShapes(layers, inputShape);
  return layers.map((layer, index) => {
    const spec = layer.noise?.(shapes[index] as Shape);
    if (!spec || (phase === 'evaluation' && layer.noiseAt !== 'always')) return undefined;
    return draw(spec, batchSize, rng.fork(`layer-${index}`));
  });
}

function draw({ distribution, shape }: NoiseSpec, batchSize: number, rng: Rng): NdArray {
  return ndarray([batchSize, ...shape], rng[distribution](batchSize * sizeOf(shape)));
}

/**
 * The layers before the cut and those after it: `cut` layers stay with the client.
 * @throws RangeError where a side would be empty.
 */
export function splitModel(model: Model, cut: number): { client: Part; server: Part } {
  const { layers, inputShape, name } = model;
  if (!Number.isInteger(cut) || cut < 1 || cut >= layers.length) {
    throw new RangeError(
      `cut must be between 1 and ${layers.length - 1} for model "${name}" (${layers.length} layers), but is ${cut}. ` +
        'Trainers "centralized" and "federated" train uncut.',
    );
  }
  const shapes = outputShapes(layers, inputShape);
  const cutShape = shapes[cut - 1] as Shape;
  return {
    client: { layers: layers.slice(0, cut), inputShape, outputShape: cutShape },
    server: { layers: layers.slice(cut), inputShape: cutShape, outputShape: shapes.at(-1) as Shape },
  };
}

/** The weights of the first `cut` layers and of the others. */
export function splitWeights({ params, state }: Weights, cut: number): { client: Weights; server: Weights } {
  return {
    client: { params: params.slice(0, cut), state: state.slice(0, cut) },
    server: { params: params.slice(cut), state: state.slice(cut) },
  };
}

/** The inverse of `splitWeights`. */
export function joinWeights(client: Weights, server: Weights): Weights {
  return { params: [...client.params, ...server.params], state: [...client.state, ...server.state] };
}

/** Number of trainable values; running statistics are none. */
export function parameterCount({ params }: Pick<Weights, 'params'>): number {
  return valueCount(params);
}
