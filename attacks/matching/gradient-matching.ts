/**
 * Gradient matching: search a batch whose simulated gradient is the one that was seen.
 *
 * minimize over (images, labels, noise):  Σ_k w_k ‖∇W′_k − ∇W_k‖² + tv · TV(images) + prior · surprise(noise)
 *
 * The images are pixels or the output of a generator whose parameters are searched; labels are a softmax of searched logits, so
 * that gradients flow into them. (Zhu et al. 2019; Ren et al. 2022.)
 */

import { zeros } from '../../src/arrays/ndarray.ts';
import { seededRng } from '../../src/arrays/rng.ts';
import { type Tensor, tf } from '../../src/compile/tf.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { PublicKnowledge } from '../../src/contracts/attack.ts';
import type { LayerArrays, LayerNoise, LayerTensors, Params, Weights } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { softmax } from '../../src/models/losses.ts';
import { initWeights } from '../../src/models/network.ts';
import { distanceWeights, gradientDistance, type Weighting } from './distance.ts';
import type { SeenGradient } from './gradient-view.ts';
import { type NoiseHandling, noiseModel } from './noise.ts';
import { simulateGradient } from './simulate.ts';
import { totalVariation } from './total-variation.ts';

/** What is searched for. */
export interface Unknowns {
  readonly images: LayerArrays;
  /** Empty where the labels are known. */
  readonly labels: LayerArrays;
  /** Draws of the client's noise layers, where they are searched for. */
  readonly noise: LayerNoise;
}

/** What stays as it is during one search. */
export interface Given {
  readonly weights: Weights;
  /** The gradient that was seen. */
  readonly target: Params;
  /** w_k. */
  readonly importance: Params;
  /** A generator's fixed noise. */
  readonly fixed: LayerArrays;
  /** One-hot `[batch, classes]`, where known. */
  readonly knownLabels: NdArray | undefined;
  /** Draws to compute with, where they are not searched for. */
  readonly noise: LayerNoise;
}

/** How a batch of images with labels is written down as numbers to search over. */
export interface Candidate {
  init(
    rng: Rng,
    batch: number,
  ): { readonly images: LayerArrays; readonly labels: LayerArrays; readonly fixed: LayerArrays };
  /** `[batch, height, width, channels]` */
  images(images: LayerTensors, fixed: LayerTensors): Tensor;
  /** Logits `[batch, classes]` */
  logits(labels: LayerTensors, fixed: LayerTensors): Tensor;
}

export interface MatchingDesign {
  readonly knowledge: PublicKnowledge;
  readonly candidate: Candidate;
  readonly weighting: Weighting;
  readonly noise: NoiseHandling;
  /** Weight of the images' total variation. */
  readonly tv: number;
}

/** Weight of the surprise at the searched noise. */
const noisePriorWeight = 0.01;

export interface StartOptions {
  /** Examples in the batch. */
  readonly batch: number;
  readonly rng: Rng;
}

export interface Start {
  readonly unknowns: Unknowns;
  readonly given: Given;
}

export interface GradientMatching {
  /** Where a search for one seen gradient begins. */
  start(seen: SeenGradient, options: StartOptions): Start;
  /** The objective at the top of this file. For use inside compiled functions. */
  objective(unknowns: Tensors<Unknowns>, given: Tensors<Given>): Tensor;
  /** The images and label distributions that the unknowns stand for. For use inside compiled functions. */
  decode(unknowns: Tensors<Unknowns>, given: Tensors<Given>): { readonly images: Tensor; readonly labels: Tensor };
  /** The same with the noise's draws made anew, where they are averaged over. */
  readonly redraw?: (given: Given, options: StartOptions) => Given;
}

export async function gradientMatching(design: MatchingDesign): Promise<GradientMatching> {
  const { knowledge, candidate, weighting, tv } = design;
  const { model } = knowledge;
  const noise = await noiseModel(model, design.noise);
  const state = initWeights(model, seededRng(0)).state; // running statistics: none enters a training gradient

  const decode: GradientMatching['decode'] = (unknowns, given) => ({
    images: candidate.images(unknowns.images, given.fixed),
    labels: given.knownLabels ?? softmax(candidate.logits(unknowns.labels, given.fixed)),
  });

  return {
    decode,
    start: (seen, { batch, rng }) => {
      const { images, labels, fixed } = candidate.init(rng, batch);
      const knownLabels = seen.labels && oneHot(seen.labels, model.classes);
      return {
        unknowns: { images, labels: knownLabels ? {} : labels, noise: noise.searched(batch) },
        given: {
          weights: { params: seen.params, state },
          target: seen.gradient,
          importance: distanceWeights(seen.gradient, weighting),
          fixed,
          knownLabels,
          noise: noise.held(batch, rng.fork('noise')),
        },
      };
    },
    objective: (unknowns, given) => {
      const { images, labels } = decode(unknowns, given);
      const gradient = simulateGradient(knowledge, given.target.length, {
        weights: given.weights,
        x: repeated(images, noise.copies),
        y: repeated(labels, noise.copies),
        noise: model.layers.map((_, layer) => unknowns.noise[layer] ?? given.noise[layer]),
        copies: noise.copies,
      });
      const distance = gradientDistance(gradient, { target: given.target, weights: given.importance, weighting });
      const smoothness = tf.mul(tv, totalVariation(images));
      const prior = tf.mul(noisePriorWeight, noise.surprise(unknowns.noise));
      return tf.add(tf.add(distance, smoothness), prior);
    },
    ...(noise.isRedrawn && { redraw: (given, { batch, rng }) => ({ ...given, noise: noise.held(batch, rng) }) }),
  };
}

/** The batch, several times over. */
function repeated(batch: Tensor, copies: number): Tensor {
  return copies === 1 ? batch : tf.concat(Array.from({ length: copies }, () => batch));
}

function oneHot(labels: Int32Array, classes: number): NdArray {
  const rows = zeros([labels.length, classes]);
  labels.forEach((label, row) => {
    rows.data[row * classes + label] = 1;
  });
  return rows;
}
