/** The zoo: models by name. */

import { valueCount } from '../arrays/tree.ts';
import { zeroRng } from '../arrays/zero-rng.ts';
import type { Shape } from '../contracts/array.ts';
import type { Model, ModelEntry } from '../contracts/model.ts';
import { outputShapes } from './network.ts';
import { lenetZhu } from './zoo/lenet-zhu.ts';
import { lenet5 } from './zoo/lenet5.ts';
import { mlp } from './zoo/mlp.ts';
import { strided } from './zoo/strided.ts';

export const models: readonly ModelEntry[] = [lenet5, lenetZhu, mlp, strided];

/** One line of a model's summary. */
export interface LayerSummary {
  /** From 1, as a cut counts. */
  readonly index: number;
  readonly label: string;
  readonly outputShape: Shape;
  readonly parameters: number;
}

/** The model's layers with shapes and numbers of parameters. Throws a ShapeError where a layer does not fit. */
export function describeLayers(model: Model): readonly LayerSummary[] {
  const shapes = outputShapes(model.layers, model.inputShape);
  return model.layers.map((layer, index) => ({
    index: index + 1,
    label: layer.label,
    outputShape: shapes[index] as Shape,
    parameters: valueCount(layer.init(zeroRng, shapes[index - 1] ?? model.inputShape).params),
  }));
}
