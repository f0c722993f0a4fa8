/** Audits that run what they audit: the training's own DP-SGD step, and a model's noise layer. */

export { auditSampler, type MechanismSampler, type SamplerAudit, type SamplerAuditOptions } from './audit-sampler.ts';
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
