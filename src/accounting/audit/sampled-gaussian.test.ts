/** The family of Poisson-sampled Gaussians under audit. */

import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import type { Rng } from '../../contracts/rng.ts';
import { epsilonOf } from '../epsilon-of.ts';
import { dpSgdEvent } from '../events.ts';
import { ndtr, ndtri } from '../special/normal.ts';
import { rateBounds } from './counts.ts';
import { auditGaussianCounts, auditSampledGaussian, auditSampledGaussianScores } from './index.ts';
import { noiseOfStep, noiseOfTraining } from './sampled-gaussian.ts';

const counts = { truePositives: 487, positives: 1000, falsePositives: 12, negatives: 1000 };
const level = { delta: 1e-5, confidence: 0.95 };
const epsilonAt = (samplingRate: number, noiseMultiplier: number, steps: number, delta = 1e-5) =>
  epsilonOf(dpSgdEvent({ samplingRate, noiseMultiplier, steps }), delta).lower ?? Number.NaN;

/** The most that can be reached at a false-positive rate. */
const onCurve = (samplingRate: number, std: number, falsePositive: number) => ({
  falsePositive,
  truePositive: (1 - samplingRate) * falsePositive + samplingRate * ndtr(ndtri(falsePositive) + 1 / std),
});

describe('the trade-off family of the sampled Gaussian', () => {
  it('is the Gaussian one where everything is sampled', () => {
    const family = { samplingRate: 1, steps: 1, observed: 'step' } as const;
    const { epsilon, noiseMultiplier } = auditSampledGaussian(counts, family, level);
    expect(epsilon).to.be.closeTo(auditGaussianCounts(counts, level).epsilon, 1e-8);
    expect(noiseMultiplier).to.be.closeTo(1 / 1.92461924599, 1e-10); // μ of audit.csv
  });

  it('gives back the noise whose curve the rates lie on, of one step', () => {
    for (const [rate, std, falsePositive] of [
      [0.1, 0.5, 0.01],
      [0.3, 2, 0.2],
      [1, 1.5, 1e-4],
    ] as const) {
      expect(noiseOfStep(onCurve(rate, std, falsePositive), rate)).to.be.closeTo(std, 1e-8 * std);
    }
    expect(noiseOfStep({ truePositive: 0.3, falsePositive: 0.3 }, 0.5)).to.equal(Number.POSITIVE_INFINITY);
    // A record that is in a tenth of the lots cannot be seen in more than a tenth.
    expect(noiseOfStep({ truePositive: 0.2, falsePositive: 0.01 }, 0.1)).to.equal(0);
  });

  it('the curve of a composition is that of one step for one, and of one Gaussian where everything is sampled', () => {
    const single = { samplingRate: 0.2, steps: 1, observed: 'training' } as const;
    expect(noiseOfTraining(onCurve(0.2, 0.6, 0.02), single))
      .to.be.closeTo(0.6, 6e-4)
      .and.at.least(0.6 - 1e-9);
    const nine = { samplingRate: 1, steps: 9, observed: 'training' } as const; // μ = 3/σ
    expect(noiseOfTraining(onCurve(1, 0.5, 0.05), nine))
      .to.be.closeTo(1.5, 1e-3)
      .and.at.least(1.5 - 1e-9);
  });

  it('composes what single steps show, with the lower bound of the accountant', () => {
    const rates = rateBounds({ truePositives: 90, positives: 1000, falsePositives: 2, negatives: 1000 }, 0.05);
    const std = noiseOfStep(rates, 0.1);
    const found = auditSampledGaussian(
      { truePositives: 90, positives: 1000, falsePositives: 2, negatives: 1000 },
      { samplingRate: 0.1, steps: 50, observed: 'step' },
      level,
    );
    expect(found.noiseMultiplier).to.be.closeTo(std, 1e-12);
    expect(found.epsilon).to.be.closeTo(epsilonAt(0.1, found.noiseMultiplier, 50), 1e-9);
    expect(found.assumption).to.match(/Gaussian noise on a Poisson sample of rate 0\.1/);
  });

  it('refuses a rate, steps or δ out of range', () => {
    const family = { samplingRate: 0.1, steps: 50, observed: 'step' } as const;
    expect(() => auditSampledGaussian(counts, { ...family, samplingRate: 0 }, level)).to.throw(
      RangeError,
      /samplingRate/,
    );
    expect(() => auditSampledGaussian(counts, { ...family, steps: -1 }, level)).to.throw(RangeError, /steps/);
    expect(() => auditSampledGaussian(counts, family, { ...level, delta: 0 })).to.throw(RangeError, /delta/);
  });
});

/** Scores of single steps of a mechanism with that noise. */
function stepScores(rng: Rng, count: number, { samplingRate, std }: { samplingRate: number; std: number }) {
  const present = rng.normal(count).map((value) => std * value + (rng.next() < samplingRate ? 1 : 0));
  return { present, absent: rng.normal(count).map((value) => std * value) };
}

describe('steps of a sampled Gaussian', () => {
  const [samplingRate, claimed, steps] = [0.2, 0.6, 100];
  const family = { samplingRate, steps, observed: 'step' } as const;
  const claim = epsilonAt(samplingRate, claimed, steps);

  it('with 2/3 of their noise are caught, and honest ones are not', () => {
    for (const seed of [1, 2, 3]) {
      const audit = (std: number) =>
        auditSampledGaussianScores(stepScores(seededRng(seed), 20_000, { samplingRate, std }), family, level);
      expect(audit((2 / 3) * claimed).epsilon).to.be.above(claim);
      const honest = audit(claimed);
      expect(honest.epsilon).to.be.within(claim / 2, claim);
      expect(honest.noiseMultiplier).to.be.within(claimed, 1.3 * claimed);
    }
  });

  it('whole trainings: the sum of the steps is held against the composed curve', () => {
    const rng = seededRng(5);
    const sumOf = (std: number, isIn: boolean) => {
      let sum = std * 3 * (rng.normal(1)[0] as number); // nine steps
      for (let step = 0; step < 9; step++) if (isIn && rng.next() < 0.5) sum += 1;
      return sum;
    };
    const whole = { samplingRate: 0.5, steps: 9, observed: 'training' } as const;
    const scoresOf = (std: number) => ({
      present: Array.from({ length: 4000 }, () => sumOf(std, true)),
      absent: Array.from({ length: 4000 }, () => sumOf(std, false)),
    });
    const truth = epsilonAt(0.5, 1, 9);
    expect(auditSampledGaussianScores(scoresOf(1), whole, level).epsilon).to.be.within(truth / 2, truth);
    expect(auditSampledGaussianScores(scoresOf(2 / 3), whole, level).epsilon).to.be.above(truth);
  });
});
