/** What replacing a record costs, the events whose sampling or values need it, and the mutants that must not survive. */

import { expect } from 'chai';
import type { PrivacyEvent } from '../contracts/event.ts';
import { ACCOUNTANTS } from './accountants.ts';
import { epsilonOf } from './epsilon-of.ts';
import { UnsupportedEventError } from './errors.ts';
import {
  composed,
  discreteGaussianEvent,
  dpSgdEvent,
  gaussianEvent,
  laplaceEvent,
  poissonSampled,
  randomizedResponse,
  repeated,
  sampledWithoutReplacement,
} from './events.ts';
import { gaussianEpsilon } from './gaussian/analytic.ts';
import { referenceRows } from './testing/reference.ts';

const replace = { adjacency: 'replace-one' } as const;
const upper = (event: PrivacyEvent, delta: number, options = {}) =>
  epsilonOf(event, delta, options).upper ?? Number.NaN;

describe('adjacency', () => {
  it('replace-one doubles the sensitivity (mutant: factor 2 missing)', () => {
    for (const accountant of [undefined, 'rdp', 'pld', 'gaussian-dp'] as const) {
      const options = accountant === undefined ? {} : { accountant };
      const replaced = upper(repeated(gaussianEvent(4), 10), 1e-6, { ...options, ...replace });
      expect(replaced).to.equal(upper(repeated(gaussianEvent(2), 10), 1e-6, options));
      expect(replaced).to.be.above(1.9 * upper(repeated(gaussianEvent(4), 10), 1e-6, options));
    }
    expect(upper(laplaceEvent(4), 0, replace)).to.be.closeTo(0.5, 1e-11);
    expect(upper(discreteGaussianEvent(8), 1e-5, replace)).to.be.closeTo(upper(discreteGaussianEvent(4), 1e-5), 0.01);
  });

  it('zero-out costs what adding costs', () => {
    const event = dpSgdEvent({ samplingRate: 0.01, noiseMultiplier: 1, steps: 100 });
    expect(upper(event, 1e-5, { adjacency: 'zero-out' })).to.equal(upper(event, 1e-5));
  });

  it('replaces in a Poisson sample by its own pair, as dp_accounting does', () => {
    for (const { q, sigma, steps, delta, value } of referenceRows().filter(
      (row) => row.mechanism === 'poisson-gaussian(replace-one)',
    )) {
      const event = dpSgdEvent({ samplingRate: q, noiseMultiplier: sigma, steps });
      expect(upper(event, delta, replace)).to.be.within(value * 0.995, value * 1.0005);
      for (const accountant of ['rdp', 'gaussian-dp'] as const) {
        expect(() => epsilonOf(event, delta, { accountant, ...replace })).to.throw(UnsupportedEventError);
      }
      const quadruple = q === 0.01 ? 2.84344025927446 : 4.3680967959654; // by libquadmath, like the contour's hard rows
      const { estimate } = epsilonOf(event, delta, { accountant: 'contour', ...replace });
      expect((estimate ?? 0) / quadruple).to.be.closeTo(1, 1e-10);
    }
  });

  it('samples without replacement by Rényi DP, at most what dp_accounting says on its grid', () => {
    const row = referenceRows().find(({ mechanism }) => mechanism.startsWith('WOR'));
    const event = sampledWithoutReplacement({ batch: 256, records: 60_000 }, gaussianEvent(2.2));
    expect(upper(repeated(event, 14_062), 1e-5, replace)).to.be.within(
      (row?.value ?? 0) * 0.99,
      (row?.value ?? 0) * 1.0001,
    );
    expect(() => epsilonOf(event, 1e-5)).to.throw(UnsupportedEventError, 'sampled-without-replacement');
    expect(() => epsilonOf(event, 1e-5, { accountant: 'pld', ...replace })).to.throw(UnsupportedEventError);
  });
});

describe('discrete events', () => {
  it('count repeated randomized response (dp_accounting’s PLD does not)', () => {
    const event = randomizedResponse({ choices: 2, keep: 0.75 });
    expect(upper(event, 0, replace)).to.be.closeTo(Math.log(3), 1e-12);
    expect(upper(repeated(event, 10), 1e-9, replace)).to.be.within(9.9, 10 * Math.log(3) + 1e-9);
    const { lower } = epsilonOf(repeated(event, 10), 1e-9, replace);
    expect(lower).to.be.above(9);
    expect(() => epsilonOf(event, 1e-5)).to.throw(UnsupportedEventError, 'randomized-response');
  });

  it('know randomized response among many values: δ(ε) = keep − e^ε other', () => {
    const event = randomizedResponse({ choices: 10, keep: 0.5 });
    const exact = Math.log((0.5 - 0.1) / (0.5 / 9));
    const { lower, upper: bound } = epsilonOf(event, 0.1, replace);
    expect(bound).to.be.within(exact * (1 - 1e-12), exact * 1.001);
    expect(lower).to.be.at.most(exact * (1 + 1e-12));
  });

  it('give the discrete Gaussian the ε of the continuous one where σ is not small', () => {
    const exact = gaussianEpsilon(Math.sqrt(50) / 20, 1e-6);
    expect(upper(repeated(discreteGaussianEvent(20), 50), 1e-6)).to.be.within(exact * 0.999, exact * 1.001);
  });

  it('shift little discrete noise by two where a record is replaced, and do not halve it', () => {
    const weight = (x: number) => Math.exp(-(x ** 2) / 2); // σ = 1
    const outcomes = Array.from({ length: 81 }, (_, i) => i - 40);
    const total = outcomes.reduce((sum, x) => sum + weight(x), 0);
    const deltaAt = (epsilon: number) =>
      outcomes.reduce((sum, x) => sum + Math.max(0, weight(x - 2) - Math.exp(epsilon) * weight(x)), 0) / total;
    const { lower, upper: bound } = epsilonOf(discreteGaussianEvent(1), 1e-3, replace);
    expect(deltaAt(bound as number)).to.be.within(0.99e-3, 1e-3); // with noise ½ and a shift by one 4.3e-3
    expect(deltaAt(lower as number)).to.be.within(1e-3, 1.05e-3);
  });

  it('are told nothing by pure chance, and everything by the truth', () => {
    expect(upper(randomizedResponse({ choices: 4, keep: 0.25 }), 1e-5, replace)).to.equal(0);
    expect(upper(randomizedResponse({ choices: 4, keep: 1 }), 1e-5, replace)).to.equal(Number.POSITIVE_INFINITY);
    expect(() => randomizedResponse({ choices: 1, keep: 1 })).to.throw(RangeError, 'choices');
    expect(() => randomizedResponse({ choices: 4, keep: 0.1 })).to.throw(RangeError, 'keep');
  });
});

describe('mutants', () => {
  const run = { samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 };
  const exact = 1.82823666652;
  const withNoise = (noiseMultiplier: number) => upper(dpSgdEvent({ ...run, noiseMultiplier }), 1e-5);

  it('told z instead of z/2, or the noise squared, are far from the published value', () => {
    expect(withNoise(1)).to.be.within(exact, exact * 1.0005);
    const half = epsilonOf(gaussianEvent(0.5), 1e-5, {}).estimate;
    expect(half).to.be.closeTo(gaussianEpsilon(2, 1e-5), 1e-9);
    const row = referenceRows().find(({ id }) => id === 'R0334'); // σ 1.3: 1.69 squared
    const event = (noiseMultiplier: number) => dpSgdEvent({ samplingRate: 0.0025, noiseMultiplier, steps: 6000 });
    expect(upper(event(1.3), 1e-5)).to.be.within(0.6400036, 0.6402);
    expect(upper(event(1.69), 1e-5)).to.be.below((row?.value ?? 0) * 0.8);
  });

  it('one step off, or one count dropped, change every bound', () => {
    for (const accountant of ACCOUNTANTS) {
      const at = (steps: number) => {
        const { upper: bound, estimate } = epsilonOf(dpSgdEvent({ ...run, samplingRate: 0.2, steps }), 1e-5, {
          accountant,
        });
        return bound ?? estimate ?? Number.NaN;
      };
      expect(at(11), accountant).to.be.above(at(10) * 1.01);
    }
    const twice = composed([
      { event: poissonSampled(0.2, gaussianEvent(1)), count: 5 },
      { event: gaussianEvent(5), count: 2 },
      { event: poissonSampled(0.2, gaussianEvent(1)), count: 5 },
    ]);
    const once = composed([
      { event: poissonSampled(0.2, gaussianEvent(1)), count: 10 },
      { event: gaussianEvent(5), count: 2 },
    ]);
    expect(upper(twice, 1e-5)).to.equal(upper(once, 1e-5));
  });

  it('δ dropped: a smaller δ costs', () => {
    for (const accountant of ACCOUNTANTS) {
      const at = (delta: number) => {
        const { upper: bound, estimate } = epsilonOf(dpSgdEvent(run), delta, { accountant });
        return bound ?? estimate ?? Number.NaN;
      };
      expect(at(1e-8), accountant).to.be.above(at(1e-5) * 1.1);
    }
  });
});
