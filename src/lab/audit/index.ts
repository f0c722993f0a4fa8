/** Audits that run what they audit: the training's own DP-SGD step, a model's noise layer, a whole training. */

export { auditSampler, type MechanismSampler, type SamplerAudit, type SamplerAuditOptions } from './audit-sampler.ts';
export { type CanaryDesign, type CanaryTask, canaryTask } from './canaries.ts';
export {
  auditTraining,
  type TrainingAudit,
  type TrainingAuditOptions,
  type TrainingBound,
  type TrainingView,
} from './canary-training.ts';
export { diracWeights } from './dirac-weights.ts';
export {
  type DpSgdStepOptions,
  dpSgdStepSampler,
  type PrivateStep,
  type StepInputs,
  trainingStepOf,
} from './dp-sgd-step.ts';
export { type JointPassOptions, jointPassSampler } from './joint-pass.ts';
export { type NoiseLayerOptions, noiseLayerSampler } from './noise-layer.ts';
export { type InputPair, type PairRequest, worstPair } from './worst-pair.ts';
