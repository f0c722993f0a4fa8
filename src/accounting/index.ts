/** Differential privacy accounting: events, accountants, calibration and the ledgers of a run. */

export { ACCOUNTANTS, type AccountantName, type EpsilonAnswer } from './accountants.ts';
export {
  adaptiveGradientNoise,
  centredCount,
  type NormCount,
  nextClipNorm,
  noisyShareBelow,
} from './adaptive-clipping.ts';
export * from './audit/index.ts';
export {
  type CalibratedNoise,
  calibrateNoiseMultiplier,
  deltaFor,
  type NoiseRequest,
  noiseFor,
  type StepsRequest,
  samplingRateFor,
  stepsFor,
} from './calibrate.ts';
export * from './certification/index.ts';
export { type Compared, sideBySide } from './composition/side-by-side.ts';
export {
  advancedComposition,
  basicComposition,
  optimalComposition,
  zcdpEpsilon,
} from './composition/theorems.ts';
export { type AccountingOptions, epsilonOf, optionsIn, provenEpsilon, rdpOf } from './epsilon-of.ts';
export { UnsupportedEventError } from './errors.ts';
export {
  composed,
  type DpSgdRun,
  discreteGaussianEvent,
  dpSgdEvent,
  gaussianEvent,
  laplaceEvent,
  nonPrivate,
  poissonSampled,
  randomizedResponse,
  repeated,
  sampledWithoutReplacement,
  userSampled,
} from './events.ts';
export {
  analyticGaussianMultiplier,
  classicGaussianMultiplier,
  gaussianDelta,
  gaussianEpsilon,
} from './gaussian/analytic.ts';
export { type GroupRequest, groupEpsilon, type UserSampling, userEvent } from './group-privacy.ts';
export { type JointRun, type JointTarget, jointEpsilon, jointNoise } from './joint.ts';
export { laplaceDelta, laplaceEpsilon, laplaceNoise } from './laplace.ts';
export {
  type ActivationClaim,
  type ActivationRun,
  activationClaim,
  type Claim,
  type LabelRun,
  labelClaim,
  type PrivacyUnit,
  type WeightsClaim,
  type WeightsRun,
  weightsClaim,
} from './ledger.ts';
export { CONVERSIONS, type Conversion } from './rdp/conversion.ts';
export { ORDER_GRIDS, type Orders } from './rdp/orders.ts';
