/** Loss and accuracy of a model on a data set, with the noise layers on: what a user of the deployed model would get. */

import { compile } from '../compile/compile.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { LayerNoise, Model, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { batchOf } from '../data/batches.ts';
import { crossEntropy } from '../models/losses.ts';
import { applyLayers, drawNoise } from '../models/network.ts';

export interface Evaluation {
  /** Mean cross-entropy. */
  readonly testLoss: number;
  /** Share of examples whose largest logit is the label's, in [0, 1]. */
  readonly testAccuracy: number;
  /** How many test examples of each label (rows) were taken for which (columns). */
  readonly confusion: readonly (readonly number[])[];
}

const evaluationBatch = 200;

export function evaluator(model: Model): (weights: Weights, data: Dataset, noiseRng: Rng) => Promise<Evaluation> {
  const graph = compile('evaluation', (inputs: Tensors<EvaluationInputs>) => {
    const { output } = applyLayers(model.layers, inputs.weights, inputs.x, { noise: inputs.noise, training: false });
    return { loss: crossEntropy(output, inputs.y), logits: output };
  });
  return async (weights, data, noiseRng) => {
    let loss = 0;
    const confusion: number[][] = [];
    for (let start = 0; start < data.size; start += evaluationBatch) {
      const size = Math.min(evaluationBatch, data.size - start);
      const batch = batchOf(
        data,
        Int32Array.from({ length: size }, (_, i) => start + i),
      );
      const noise = drawNoise(model.layers, model.inputShape, size, noiseRng.fork(`batch-${start}`), 'evaluation');
      const result = await graph({ weights, ...batch, noise });
      loss += sum(result.loss.data);
      count(confusion, result.logits, batch.y);
    }
    const correct = confusion.reduce((total, row, label) => total + (row[label] ?? 0), 0);
    return { testLoss: loss / data.size, testAccuracy: correct / data.size, confusion };
  };
}

interface EvaluationInputs {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly y: NdArray;
  readonly noise: LayerNoise;
}

/** Adds each row to the place of its one-hot label and its largest logit. */
function count(confusion: number[][], logits: NdArray, y: NdArray): void {
  const [size = 0, classes = 0] = logits.shape;
  const largest = ({ data }: NdArray, row: number) => {
    const values = data.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(Math.max(...values));
  };
  while (confusion.length < classes) confusion.push(new Array<number>(classes).fill(0));
  for (let row = 0; row < size; row += 1) {
    const ofLabel = confusion[largest(y, row)] as number[];
    const predicted = largest(logits, row);
    ofLabel[predicted] = (ofLabel[predicted] ?? 0) + 1;
  }
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
