/** Certified robustness of classifiers with a noise layer. */

export {
  type Certificate,
  type CertifiedExample,
  type CertifiedNoise,
  certifiedAccuracy,
  certify,
  type Radii,
} from './certify.ts';
export { type ArgmaxVotes, argmaxBounds, type ClassBounds, simultaneousBounds } from './class-bounds.ts';
export { bernsteinHalfWidth, hoeffdingHalfWidth, type ScoreDraws, scoreBounds } from './score-bounds.ts';
