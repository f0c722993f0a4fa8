/** Gradients for compiled functions: of any order, over structures of tensors, and of single examples. */

import './gradients.ts';

export { type BatchStatistics, batchStatistics, normalizeInBatch } from './batch-normalization.ts';
export { type ClipRule, clipFactors, layerShares, type SquaredNorms } from './clip-factors.ts';
export { type Differentiable, type Differentiated, grad, pullback, valueAndGrad } from './differentiate.ts';
export { exampleFilterGradients, type FilterGradientInputs, filterGradientNorms } from './filter-norms.ts';
export { givenGradient, stopGradient, withoutGradient } from './kernel.ts';
export { contextOf, type RunOptions } from './layer-context.ts';
export {
  type ClippedSum,
  type ClippingInputs,
  clippedGradientSum,
  type PerExampleInputs,
  perExampleGradients,
} from './per-example.ts';
export { commuting, inQuickOrder } from './quick-order.ts';
