/**
 * Monte-Carlo tests of the audits themselves, on mechanisms whose ε is known. A bound that holds with confidence 1 − α may
 * exceed the truth in a share α of the repetitions; the count of failures in R repetitions stays below
 * αR + 4√(α(1 − α)R) but for 3 in 10⁵.
 */

import { expect } from 'chai';
import { seededRng } from '../../arrays/rng.ts';
import type { Rng } from '../../contracts/rng.ts';
import { gaussianEpsilon } from '../gaussian/analytic.ts';
import type { AuditResult } from './audit-result.ts';
import { epsilonOfRates, rateBounds } from './counts.ts';
import {
  auditCounts,
  auditGaussianCounts,
  auditOneRun,
  auditOneRunFDp,
  auditOneRunScores,
  auditSampledGaussian,
  auditSampledGaussianScores,
  auditScores,
  guessByRank,
  guessPlans,
} from './index.ts';
import { type AuditScores, countsOf, rulesAt } from './scores.ts';

const SIGNIFICANCE = 0.1;
const REPETITIONS = 250;
const MOST_FAILURES = SIGNIFICANCE * REPETITIONS + 4 * Math.sqrt(SIGNIFICANCE * (1 - SIGNIFICANCE) * REPETITIONS); // 43

interface Trial {
  readonly rng: Rng;
  /** μ of the Gaussian mechanism. */
  readonly mu: number;
  readonly delta: number;
}

/** Scores of a Gaussian mechanism with sensitivity ÷ noise = μ. */
function gaussianScores({ rng, mu }: Trial, count: number): AuditScores {
  return { present: rng.normal(count).map((value) => value + mu), absent: rng.normal(count) };
}

/** Each canary's score has its own noise: what one run of a Gaussian mechanism on m canaries releases. */
function oneRunScores({ rng, mu }: Trial, canaries: number) {
  const included = Array.from({ length: canaries }, () => rng.next() < 0.5);
  return { included, scores: rng.normal(canaries).map((value, i) => value + (included[i] === true ? mu : 0)) };
}

function oneRunGuesses(trial: Trial, canaries: number, guesses: number) {
  const { scores, included } = oneRunScores(trial, canaries);
  return guessByRank(scores, included, { positives: guesses / 2, negatives: guesses / 2 });
}

const level = ({ delta }: Trial) => ({ delta, confidence: 1 - SIGNIFICANCE });
const thresholds = [-2, -1, -0.5, 0, 0.5, 1, 1.5, 2];

/** Gaussians of which every step takes everything. */
const wholly = { samplingRate: 1, steps: 1, observed: 'step' } as const;

const audits: Readonly<Record<string, (trial: Trial) => AuditResult>> = {
  'counts at a fixed threshold': (trial) =>
    auditCounts(countsOf(gaussianScores(trial, 500), { threshold: 0.5, says: 'above' }), level(trial)),
  'scores with Bonferroni': (trial) => auditScores(gaussianScores(trial, 500), { ...level(trial), thresholds }),
  'scores with a held-out half': (trial) => auditScores(gaussianScores(trial, 500), level(trial)),
  'scores in the Gaussian family': (trial) =>
    auditScores(gaussianScores(trial, 500), { ...level(trial), family: 'gaussian' }),
  'Gaussian counts at a fixed threshold': (trial) =>
    auditGaussianCounts(countsOf(gaussianScores(trial, 500), { threshold: 0.5, says: 'above' }), level(trial)),
  'scores in the family of sampled Gaussians': (trial) =>
    auditSampledGaussianScores(gaussianScores(trial, 500), wholly, level(trial)),
  'one run, over plans': (trial) => auditOneRunScores(oneRunScores(trial, 200), level(trial)),
  'one run, over plans, f-DP': (trial) =>
    auditOneRunScores(oneRunScores(trial, 200), { ...level(trial), family: 'gaussian' }),
  'one run': (trial) => auditOneRun(oneRunGuesses(trial, 200, 60), level(trial)),
  'one run, f-DP': (trial) => auditOneRunFDp(oneRunGuesses(trial, 200, 60), level(trial)),
};

/** In how many repetitions the audit claims more than is true. */
function failures(audit: (trial: Trial) => AuditResult, { mu, delta }: Omit<Trial, 'rng'>): number {
  const truth = gaussianEpsilon(mu, delta);
  let failed = 0;
  for (let i = 0; i < REPETITIONS; i++) {
    if (audit({ rng: seededRng(i), mu, delta }).epsilon > truth) failed++;
  }
  return failed;
}

describe('audits claim falsely at most at their level', () => {
  for (const [name, audit] of Object.entries(audits)) {
    it(`at ε = 0: ${name}`, () => {
      expect(failures(audit, { mu: 0, delta: 1e-5 })).to.be.at.most(MOST_FAILURES);
    });
    it(`at μ = 0.5: ${name}`, () => {
      expect(failures(audit, { mu: 0.5, delta: 0.02 })).to.be.at.most(MOST_FAILURES);
    });
  }

  it('of a sampled Gaussian: refutes the true noise at most at its level', () => {
    const [samplingRate, std] = [0.3, 0.8];
    const family = { samplingRate, steps: 1, observed: 'step' } as const;
    let failed = 0;
    for (let i = 0; i < REPETITIONS; i++) {
      const rng = seededRng(i);
      const present = rng.normal(500).map((value) => std * value + (rng.next() < samplingRate ? 1 : 0));
      const scores = { present, absent: rng.normal(500).map((value) => std * value) };
      const counts = countsOf(scores, { threshold: 1.2, says: 'above' });
      if (auditSampledGaussian(counts, family, level({ rng, mu: 0, delta: 0.01 })).noiseMultiplier < std) failed++;
    }
    expect(failed).to.be.at.most(MOST_FAILURES);
  });

  it('a maximum over plans without correction would be wrong more often than at its level', () => {
    const alone = (trial: Trial) => oneRunScores(trial, 200);
    const significance = 0.3;
    const worst = (trial: Trial, confidence: number) => {
      const plans = guessPlans(200).map((plan) =>
        auditOneRunScores(alone({ ...trial, rng: trial.rng.fork('x') }), { delta: 0, confidence, plan }),
      );
      return Math.max(...plans.map(({ epsilon }) => epsilon));
    };
    const claims = (confidence: number) =>
      Array.from({ length: REPETITIONS }, (_, i) => worst({ rng: seededRng(i), mu: 0, delta: 0 }, confidence)).filter(
        (epsilon) => epsilon > 0,
      ).length;
    const most = significance * REPETITIONS + 4 * Math.sqrt(significance * (1 - significance) * REPETITIONS);
    expect(claims(1 - significance)).to.be.above(most);
    expect(claims(1 - significance / guessPlans(200).length)).to.be.at.most(most);
  });

  it('a maximum over thresholds without correction would fail this test', () => {
    const uncorrected = (trial: Trial): AuditResult => {
      const scores = gaussianScores(trial, 500);
      const grid = Array.from({ length: 101 }, (_, i) => (i - 50) / 20);
      const rules = rulesAt(grid).map((rule) => countsOf(scores, rule));
      const epsilon = Math.max(...rules.map((counts) => epsilonOfRates(rateBounds(counts, SIGNIFICANCE), 1e-5)));
      return { epsilon, ...level(trial), method: 'counts', assumption: null };
    };
    expect(failures(uncorrected, { mu: 0, delta: 1e-5 })).to.be.above(MOST_FAILURES);
  });
});

describe('a mechanism with 2/3 of its noise is caught', () => {
  const claimed = 0.5; // μ of the claim; the true one is 0.75
  const delta = 0.05;
  const claim = gaussianEpsilon(claimed, delta);
  const powerful: Readonly<Record<string, (trial: Trial) => AuditResult>> = {
    'scores with Bonferroni': (trial) => auditScores(gaussianScores(trial, 8000), { ...level(trial), thresholds }),
    'scores with a held-out half': (trial) => auditScores(gaussianScores(trial, 16_000), level(trial)),
    'scores in the Gaussian family': (trial) =>
      auditScores(gaussianScores(trial, 8000), { ...level(trial), family: 'gaussian' }),
    'one run, f-DP': (trial) => auditOneRunFDp(oneRunGuesses(trial, 40_000, 1000), level(trial)),
  };
  for (const [name, audit] of Object.entries(powerful)) {
    it(`by ${name}, and the honest one is not`, () => {
      for (const seed of [1, 2, 3]) {
        expect(audit({ rng: seededRng(seed), mu: 1.5 * claimed, delta }).epsilon, 'too little noise').to.be.above(
          claim,
        );
        expect(audit({ rng: seededRng(seed), mu: claimed, delta }).epsilon, 'enough noise').to.be.at.most(claim);
      }
    });
  }

  it('by one run at δ = 1e-5: ε̲ is above 0 and below the truth', () => {
    // Steinke's bound treats every (ε, δ)-DP mechanism alike: it finds a tenth of the Gaussian's ε, never more than all of it.
    const trial = { rng: seededRng(1), mu: 2, delta: 1e-5 };
    const { epsilon } = auditOneRun(oneRunGuesses(trial, 2000, 200), level(trial));
    expect(epsilon).to.be.within(2, gaussianEpsilon(2, 1e-5));
  });
});
