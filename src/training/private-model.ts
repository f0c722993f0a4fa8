/** Which models a privacy rule covers: said before anything is trained, naming the layer that is in the way. */

import { seededRng } from '../arrays/rng.ts';
import type { GradientRule, UpdateRule } from '../contracts/defense.ts';
import type { Model } from '../contracts/model.ts';
import { outputShapes } from '../models/network.ts';

export interface PrivateModel {
  /** With the defenses' layers in it. */
  readonly model: Model;
  /** Layers on the client. */
  readonly cut: number;
  readonly gradientRule?: GradientRule | undefined;
  readonly updateRule?: UpdateRule | undefined;
}

/**
 * Loss and layers must be sums over examples for DP-SGD: the loss is cross-entropy, one value an example, and no layer may mix
 * the examples of a batch. DP-FedAvg clips whole updates, so layers may mix, but running statistics are no update.
 *
 * @throws RangeError that names the first layer in the way, and its place in the list; or all layers with parameters, where
 *   there is not one clipping norm for each.
 */
export function requirePrivateModel({ model, cut, gradientRule, updateRule }: PrivateModel): void {
  if (gradientRule && updateRule) {
    throw new RangeError(
      'a run has one mechanism on the weights channel, but both a gradient rule (dp-sgd) and an update rule (dp-fedavg) ' +
        'are given. Take one of them: their figures are of different neighbours and do not add up.',
    );
  }
  if (gradientRule) requireOwnGradients(model, cut);
  if (updateRule) requireStateless(model);
  const rule = gradientRule ?? updateRule;
  if (rule) requireNormForEachLayer(model, cut, rule);
}

function requireOwnGradients({ name, layers }: Model, cut: number): void {
  const index = layers.findIndex((layer) => layer.mixesExamples);
  if (index < 0) return;
  const why =
    index < cut
      ? 'so one example has no gradient of its own to clip'
      : 'so every row of the cut gradient depends on the whole batch, and clipping by rows bounds nothing';
  throw new RangeError(
    `layer ${index + 1} (${layers[index]?.label}) of model "${name}" mixes the examples of a batch, ${why}. ` +
      'Take a model without batch normalization.',
  );
}

/** The layers with parameters are told apart by their place: norms for other layers would clip the wrong ones. */
function requireNormForEachLayer(
  { name, layers, inputShape }: Model,
  cut: number,
  { clipping }: GradientRule | UpdateRule,
) {
  if (clipping?.kind !== 'per-layer' || !clipping.proportions) return;
  const shapes = [inputShape, ...outputShapes(layers, inputShape)];
  const trained = layers.slice(0, cut).flatMap((layer, index) => {
    const { params } = layer.init(seededRng(1), shapes[index] ?? inputShape);
    return Object.keys(params).length > 0 ? [`layer ${index + 1} (${layer.label})`] : [];
  });
  if (clipping.proportions.length === trained.length) return;
  throw new RangeError(
    `layerNorms has ${clipping.proportions.length} norms; in model "${name}" these layers are clipped and have ` +
      `parameters: ${trained.join(', ')}. Give one norm for each of them, in this order.`,
  );
}

function requireStateless({ name, layers, inputShape }: Model): void {
  const shapes = [inputShape, ...outputShapes(layers, inputShape)];
  for (const [index, layer] of layers.entries()) {
    const { state } = layer.init(seededRng(1), shapes[index] ?? inputShape);
    const names = Object.keys(state);
    if (names.length === 0) continue;
    throw new RangeError(
      `layer ${index + 1} (${layer.label}) of model "${name}" keeps running statistics (${names.join(', ')}), which would ` +
        'be sent unclipped and averaged without noise. Take a model without batch normalization.',
    );
  }
}
