import type { NdArray } from '../../src/contracts/array.ts';
import type { Params } from '../../src/contracts/model.ts';

/**
 * The label of a single example, from the last layer's gradient alone (iDLG: Zhao et al. 2020, Eq. 3–5).
 *
 * Σ_j ∂ℓ/∂W_jc = (p_c − y_c) Σ_j a_j for the features a before the last layer: with a ≥ 0 (sigmoid, ReLU) only the label's row is
 * negative, so the label is the arg min. Where features can be negative the sum's sign is taken from the bias, whose gradient is
 * p − y itself. Exact for an undefended gradient of one example.
 *
 * @param gradient Of all layers, the last with `kernel` `[features, classes]` and perhaps `bias` `[classes]`.
 * @throws RangeError where the last layer is none such.
 */
export function inferLabel(gradient: Params): number {
  const { kernel, bias } = gradient.at(-1) ?? {};
  if (kernel?.shape.length !== 2) {
    throw new RangeError('labels "infer" needs the gradient of a dense last layer. Set labels to "optimize".');
  }
  const sums = columnSums(kernel);
  const sign = bias && inner(sums, bias.data) < 0 ? -1 : 1;
  const scores = sums.map((sum) => sign * sum);
  return scores.indexOf(Math.min(...scores));
}

function columnSums({ shape: [features = 0, classes = 0], data }: NdArray): number[] {
  return Array.from({ length: classes }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < features; row += 1) sum += data[row * classes + column] as number;
    return sum;
  });
}

const inner = (a: readonly number[], b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
