import { expect } from 'chai';
import type { RunResult } from '../contracts/experiment.ts';
import { compareResults } from './repro.ts';

const result = (accuracy: number, seconds: number, more: object = {}) =>
  ({
    testAccuracy: accuracy,
    epsilonWeights: Number.POSITIVE_INFINITY,
    attacks: [{ seconds, scores: [{ leakage: 0.5 }] }],
    timings: [{ phase: 'train', seconds }],
    ...more,
  }) as unknown as RunResult;

describe('compareResults', () => {
  it('compares every figure but times, to the last bit', () => {
    expect(compareResults(result(0.5, 1), result(0.5, 2))).to.deep.equal({ compared: 3, differences: [] });
    const { differences } = compareResults(result(0.5, 1), result(0.5 + 2 ** -53, 1));
    expect(differences).to.deep.equal([{ path: 'testAccuracy', before: 0.5, after: 0.5 + 2 ** -53 }]);
  });

  it('tells figures that are there only once', () => {
    const { differences } = compareResults(result(0.5, 1), result(0.5, 1, { epsilonJoint: 3 }));
    expect(differences).to.deep.equal([{ path: 'epsilonJoint', before: undefined, after: 3 }]);
  });
});
