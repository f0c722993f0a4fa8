/**
 * What `import … from 'cutlayer'` gives: arrays and randomness, compiled functions, models, training, accounting, metrics, data
 * sets, and one run of an experiment. Attacks and defenses come from `cutlayer/attacks` and `cutlayer/defenses`.
 */

export * as accounting from './accounting/index.ts';
export { ShapeError } from './arrays/errors.ts';
export { concatRows, full, isNdArray, ndarray, rows, sameShape, scalar, sizeOf, zeros } from './arrays/ndarray.ts';
export { secureRng, seededRng } from './arrays/rng.ts';
export { arraysOf, mapArrays, valueCount, zipArrays } from './arrays/tree.ts';
export { grad, pullback, stopGradient, valueAndGrad } from './autodiff/index.ts';
export { compile } from './compile/compile.ts';
export {
  activeEngine,
  type Engine,
  type EngineName,
  type EngineOptions,
  engineNames,
  useEngine,
} from './compile/engine.ts';
export { inLockstep } from './compile/lockstep.ts';
export { type Scalar, type Tensor, type Tensor2D, type Tensor4D, tf } from './compile/tf.ts';
export type * from './contracts/array.ts';
export type * from './contracts/attack.ts';
export type * from './contracts/dataset.ts';
export type * from './contracts/defense.ts';
export type * from './contracts/event.ts';
export type * from './contracts/experiment.ts';
export type * from './contracts/message.ts';
export type * from './contracts/model.ts';
export type * from './contracts/options.ts';
export type * from './contracts/rng.ts';
export * from './data/index.ts';
export type { Catalogues } from './lab/catalogues.ts';
export { executeRun, type RunOptions } from './lab/run.ts';
export * as metrics from './metrics/index.ts';
export * as generators from './models/generators/index.ts';
export { describeLayers, type LayerSummary, models } from './models/index.ts';
export * as initializers from './models/initializers.ts';
export * as layers from './models/layers/index.ts';
export * as losses from './models/losses.ts';
export {
  applyLayers,
  drawNoise,
  initWeights,
  joinWeights,
  outputShapes,
  type Part,
  parameterCount,
  splitModel,
  splitWeights,
} from './models/network.ts';
export * as optimizers from './models/optimizers.ts';
export { analyticCost, type CostRow, type CostSetting } from './training/cost.ts';
export { type Protocol, protocolOf, protocols } from './training/protocol.ts';
export {
  type GlobalWeights,
  type RoundSummary,
  type TrainingObserver,
  type TrainingTask,
  train,
} from './training/train.ts';
export { countingWire, payloadBytes, type Wire } from './training/wire.ts';
