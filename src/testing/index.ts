/** `cutlayer/testing`: claims about defenses as unit tests, decided by statistics. docs/testing.md */

export { type AccuracyClaim, type DefenseExpectation, expectDefense, type LeakageClaim } from './expect-defense.ts';
export { type Judgement, judge, type MeanClaim, type Outcome } from './judge.ts';
export { defaultSetting, type Measured, type MeasureOptions, measure, type Setting } from './measure.ts';
export {
  attack,
  type Chosen,
  type ChosenAttack,
  type ChosenDefense,
  deepLeakage,
  defense,
  dpFedAvg,
  dpSgd,
  ganInversion,
  inverseNetwork,
  jointDp,
  none,
  type Options,
  pixelDp,
  together,
} from './plug-ins.ts';
export { ClaimInconclusive, ClaimRefuted, type Finding, type Verdict } from './verdict.ts';
