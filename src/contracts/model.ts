/** A model is a list of pure layers, and the cut is an index into it. */

import type { Tensor } from '@tensorflow/tfjs';
import type { NdArray, Shape, Tensors } from './array.ts';
import type { CatalogueEntry } from './options.ts';
import type { Rng } from './rng.ts';

/** The named arrays of one layer: its parameters, or its state (running statistics). `{}` where it has none. */
export type LayerArrays = Readonly<Record<string, NdArray>>;
export type LayerTensors = Tensors<LayerArrays>;

/** One entry a layer, in the order of the layers. */
export type Params = readonly LayerArrays[];
/** Random draws, one entry a layer; `undefined` where a layer needs none. */
export type LayerNoise = readonly (NdArray | undefined)[];

/** Standard draws (scale 1, mean 0; `uniform` in [0, 1)) of this shape, for one example. */
export interface NoiseSpec {
  readonly distribution: 'uniform' | 'normal' | 'laplace';
  readonly shape: Shape;
}

export interface LayerContext {
  readonly state: LayerTensors;
  /** `[batch, …noise.shape]`, where the layer asked for it. */
  readonly noise: Tensor | undefined;
  readonly training: boolean;
  /** Parameters of the layers before it, in order; left out where a layer runs alone. */
  readonly before?: readonly LayerTensors[];
}

export interface LayerResult {
  readonly output: Tensor;
  readonly state: LayerTensors;
}

export type Norm = 'l1' | 'l2' | 'linf';

/** In which norm an input moves, and in which one its output is measured. */
export interface NormPair {
  readonly from: Norm;
  readonly to: Norm;
}

/** Norms of outputs that noise is scaled to: L1 for Laplace, L2 for Gaussian. */
export type NoiseNorm = Exclude<Norm, 'linf'>;

/** What a layer's initial weights are drawn from. */
export type Initializer = (rng: Rng, shape: Shape, fan: { readonly in: number; readonly out: number }) => NdArray;

/** Shapes here are those of one example, without the batch axis; activations are `[batch, height, width, channels]`. */
export interface Layer {
  /** The kind: `conv2d`, `relu`, … */
  readonly name: string;
  /** The kind with its options, for people: `conv2d 5×5×6 same`. */
  readonly label: string;
  /** Throws a ShapeError that names the layer where the input does not fit. */
  outputShape(inputShape: Shape): Shape;
  init(rng: Rng, inputShape: Shape): { readonly params: LayerArrays; readonly state: LayerArrays };
  /** A TensorFlow.js expression; randomness and statistics come in and go out as tensors. */
  apply(params: LayerTensors, x: Tensor, context: LayerContext): LayerResult;
  /** What `apply` needs in `context.noise`, if anything. */
  noise?(inputShape: Shape): NoiseSpec | undefined;
  /** Only while training (dropout), or at evaluation too (a noise layer). */
  readonly noiseAt?: 'training' | 'always';
  /** The layer mixes the examples of a batch (batch normalization): it has no per-example gradient. */
  readonly mixesExamples?: boolean;
  /** The layer is y = kernel · x (+ bias), linear in its parameters `kernel` and `bias`. */
  readonly linear?: boolean;
  /**
   * A sound upper bound of ‖f(x) − f(x′)‖ ÷ ‖x − x′‖ over all inputs, in one norm on both sides: how far one input can move
   * the output. An expression of the parameters, or a constant. Left out where no bound is known.
   */
  sensitivity?(norm: Norm, params: LayerTensors): Tensor | number;
  /**
   * The largest ‖f(x) − f(x′)‖_to ÷ ‖x − x′‖_from itself, for two different norms; undefined where it is not known, so that only
   * `sensitivity` bounds it, by what the norms differ at most.
   */
  sensitivityBetween?(pair: NormPair, params: LayerTensors): Tensor | undefined;
  /**
   * Squared L2 norm of each example's parameter gradient, `[batch]`, from the layer's input `x` and the gradient `dy` of the
   * summed loss at its output: without materializing the gradients where a closed form is cheaper.
   * Layers without parameters leave it out.
   */
  squaredGradientNorms?(params: LayerTensors, x: Tensor, dy: Tensor): Tensor;
  /**
   * Each example's parameter gradient, `[batch, …shape]` for each parameter. Left out where norms are cheaper without them; where
   * it is there, clipping computes the gradients once, as long as they are not too many numbers.
   */
  exampleGradients?(params: LayerTensors, x: Tensor, dy: Tensor): LayerTensors;
}

export interface Model {
  readonly name: string;
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  readonly layers: readonly Layer[];
}

export interface ModelOptions {
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** Name of the initializer; the model's own where left out. */
  readonly init?: string;
}

/** A model of the zoo. */
export interface ModelEntry extends CatalogueEntry {
  readonly defaultCut: number;
  readonly defaultInit: string;
  build(options: ModelOptions): Model;
}

/** A network as it runs: parameters and state of every layer. */
export interface Weights {
  readonly params: Params;
  readonly state: Params;
}
