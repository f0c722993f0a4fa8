/** What is measured of a model and of an attack, and what guessing scores. */

export { biasCorrectedDistanceCorrelation, distanceCorrelation } from './dependence.ts';
export { areaUnderCurve, labelAccuracy, majorityLabel, truePositiveRateAt } from './inference.ts';
export { bestAssignment } from './matching.ts';
export { clipped, meanSquaredError, type Picture, type PictureShape, psnr, ssim } from './reconstruction.ts';
