/** One training of the project's own trainer under audit, and broken ones that the audit must catch. */

import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import type { Rng } from '../../contracts/rng.ts';
import type { TrainingTask } from '../../training/train.ts';
import { canaryTask } from './canaries.ts';
import { auditTraining, type TrainingAuditOptions } from './canary-training.ts';

const rule = { clipNorm: 0.5, noiseMultiplier: 1 };
const design = { canaries: 800, rounds: 4, samplingRate: 1, rule };
const audited = (options: Partial<TrainingAuditOptions> = {}) =>
  auditTraining({ ...design, delta: 1e-5, confidence: 0.95, rng: seededRng(1), ...options });

/** A source whose normal draws are too small. */
function quieter(rng: Rng, share: number): Rng {
  return {
    ...rng,
    source: rng.source,
    next: () => rng.next(),
    integer: (bound) => rng.integer(bound),
    permutation: (count) => rng.permutation(count),
    uniform: (...given) => rng.uniform(...given),
    laplace: (count) => rng.laplace(count),
    normal: (count) => rng.normal(count).map((value) => share * value),
    fork: (name) => quieter(rng.fork(name), share),
  };
}

const quiet = (task: TrainingTask): TrainingTask => ({ ...task, noiseRng: quieter(task.noiseRng, 2 / 3) });

describe('the canary audit of a whole training', () => {
  it('does not contradict the project’s trainer, and shows a good part of its ε', async () => {
    const { claimed, audited: found, ok, bounds, included } = await audited();
    expect(claimed).to.be.closeTo(9.99726, 1e-4); // μ = √4 ÷ 1 at δ = 1e-5, by the closed form in Python
    expect(ok).to.equal(true);
    expect(found).to.be.within(claimed / 2, claimed);
    expect(included).to.be.within(330, 470);
    const of = (view: string, method: string) =>
      bounds.find((b) => b.view === view && b.method === method)?.epsilon ?? 0;
    expect(of('white-box', 'one-run-bonferroni')).to.be.above(1.5);
    expect(of('black-box', 'one-run-bonferroni')).to.be.above(0.5); // the loss tells of it as well
    expect(of('white-box', 'sampled-gaussian')).to.equal(found);
  });

  it('catches a trainer with 2/3 of its noise', async () => {
    const { ok, audited: found, claimed } = await audited({ broken: quiet });
    expect(ok).to.equal(false);
    expect(found).to.be.above(claimed);
  });

  it('catches a trainer that clips to twice the norm', async () => {
    const loose = (task: TrainingTask): TrainingTask => ({
      ...task,
      gradientRule: { clipNorm: 2 * rule.clipNorm, noiseMultiplier: rule.noiseMultiplier / 2 },
    });
    expect((await audited({ broken: loose })).ok).to.equal(false);
  });

  it('counts sampled lots for less, and still catches too little noise', async () => {
    const sampled = { canaries: 1500, samplingRate: 0.5, rounds: 6, rule: { clipNorm: 1, noiseMultiplier: 1 } };
    const honest = await audited(sampled);
    expect(honest.ok).to.equal(true);
    expect(honest.audited).to.be.within(honest.claimed / 3, honest.claimed);
    expect((await audited({ ...sampled, broken: quiet })).ok).to.equal(false);
  });

  it('claims falsely at most at its level, where nothing can be seen', async () => {
    // ε is 0 but for 1e-3 with this much noise. At level 0.2, 40 trainings fail at most 8 + 4 · 2.53 times but for 3 in 10⁵.
    const silent = { canaries: 120, rounds: 1, rule: { clipNorm: 1, noiseMultiplier: 1000 }, confidence: 0.8 };
    let failed = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { ok } = await audited({ ...silent, rng: seededRng(seed), delta: 1e-5 });
      if (!ok) failed++;
    }
    expect(failed).to.be.at.most(18);
  });

  it('has the canaries in whose coin said so, and the others not at all', () => {
    const { task, included } = canaryTask(design, seededRng(2));
    const { size, pixels, shape } = task.data.train;
    const seen = Array.from({ length: design.canaries }, (_, i) => {
      let sum = 0;
      for (let record = 0; record < size; record++) sum += pixels[record * shape[1] + 10 + i] as number;
      return sum === 1;
    });
    expect(seen).to.deep.equal(included);
    expect(size).to.equal(60 + included.filter(Boolean).length);
  });
});
