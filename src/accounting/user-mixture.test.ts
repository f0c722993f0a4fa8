import { expect } from 'chai';
import { epsilonOf, rdpOf } from './epsilon-of.ts';
import { UnsupportedEventError } from './errors.ts';
import { dpSgdEvent, gaussianEvent, laplaceEvent, poissonSampled, repeated, userSampled } from './events.ts';
import { userLaw } from './pld/user-pairs.ts';
import { logBinomialMass } from './special/binomial.ts';
import { mostRecords, outcomeOf, userLoss, userMixture } from './user-mixture.ts';

const delta = 1e-5;
const boundsOf = (run: Parameters<typeof dpSgdEvent>[0], at = delta) => {
  const { lower, upper } = epsilonOf(dpSgdEvent(run), at);
  return { lower: lower as number, upper: upper as number };
};

/** E_Q[r^p] by a fine sum over r = Σ w_j e^((2jx − j²)/2σ²), written out: the slow oracle. */
function slowMoment({ q, std, k }: { q: number; std: number; k: number }, power: number): number {
  const weights = Array.from({ length: k + 1 }, (_, j) => Math.exp(logBinomialMass(j, { trials: k, probability: q })));
  const ratio = (x: number) =>
    weights.reduce((sum, weight, j) => sum + weight * Math.exp((2 * j * x - j * j) / (2 * std * std)), 0);
  const [low, high] = [-k * Math.abs(power) - 14 * std, k * Math.abs(power) + 14 * std];
  const step = std / 400;
  let sum = 0;
  for (let x = low; x <= high; x += step) {
    const log = power * Math.log(ratio(x)) - x ** 2 / (2 * std * std);
    if (Number.isFinite(log)) sum += Math.exp(log);
  }
  return (sum * step) / (std * Math.sqrt(2 * Math.PI));
}

describe('a user with k records in Poisson samples', () => {
  // Upper bounds of dp_accounting 0.6.0 for the mixture (PLD, on a coarser grid); that for two records to three digits.
  for (const { noiseMultiplier, records, mixture, within } of [
    { noiseMultiplier: 1, records: 5, mixture: 11.6379765169, within: 2e-4 },
    { noiseMultiplier: 4, records: 5, mixture: 1.58716879304, within: 2e-4 },
    { noiseMultiplier: 1, records: 2, mixture: 3.98, within: 1.3e-3 },
  ]) {
    it(`costs ${mixture} with ${records} records at noise ${noiseMultiplier}, as dp_accounting has it`, () => {
      const run = { samplingRate: 0.01, noiseMultiplier, steps: 1000, recordsPerUser: records };
      const { lower, upper } = boundsOf(run);
      expect(lower).to.be.at.most(mixture * (1 + within));
      expect(upper).to.be.within(mixture * (1 - within), mixture * (1 + within));
      const rdp = epsilonOf(dpSgdEvent(run), delta, { accountant: 'rdp' }).upper;
      expect(rdp).to.be.within(upper, 1.15 * upper);
    });
  }

  for (const { q, std, k } of [
    { q: 0.01, std: 1, k: 5 },
    { q: 0.3, std: 4, k: 3 },
    { q: 0.05, std: 0.6, k: 2 },
  ]) {
    for (const order of [1.3, 2, 6.5]) {
      it(`has the Rényi divergence of the mixture at order ${order} (q ${q}, σ ${std}, k ${k})`, () => {
        const removing = Math.log(slowMoment({ q, std, k }, order)) / (order - 1);
        const adding = Math.log(slowMoment({ q, std, k }, 1 - order)) / (order - 1);
        const event = dpSgdEvent({ samplingRate: q, noiseMultiplier: std, steps: 1, recordsPerUser: k });
        expect(rdpOf(event, order)).to.be.closeTo(Math.max(removing, adding), 1e-9 * Math.max(1, removing));
      });
    }
  }

  it('finds the peaks of the integrand at every count of records, also with little noise', () => {
    // E_Q[r²] = Σ w_j w_l e^(jl/σ²): nearly all of it from j = l = 3, then from 2 and 3, then from 1.
    for (const [samplingRate, noiseMultiplier] of [
      [0.01, 0.25],
      [1e-7, 0.25],
      [Math.exp(-2 / 0.14 ** 2), 0.14], // from 1 and from 3 alike, and e^−51 of it between them
    ] as const) {
      const event = dpSgdEvent({ samplingRate, noiseMultiplier, steps: 1, recordsPerUser: 3 });
      const log = (j: number) => logBinomialMass(j, { trials: 3, probability: samplingRate });
      const terms = [0, 1, 2, 3].flatMap((j) =>
        [0, 1, 2, 3].map((l) => Math.exp(log(j) + log(l)) * Math.expm1((j * l) / noiseMultiplier ** 2)),
      );
      const exact = Math.log1p(terms.reduce((a, b) => a + b, 0));
      expect(rdpOf(event, 2) / exact, `q ${samplingRate}`).to.be.closeTo(1, 1e-10);
    }
  });

  it('sums both sides of the outcome at which the ratio is 1', () => {
    const event = dpSgdEvent({ samplingRate: 0.5, noiseMultiplier: 1e12, steps: 1, recordsPerUser: 3 });
    const shift = 1.5; // the noise is so large that only the mean shift kq is felt: ε(α) = α (kq)² ÷ 2σ²
    expect(rdpOf(event, 1e12) / (shift ** 2 / 2e12)).to.be.closeTo(1, 1e-9);
  });

  it('is one record for k = 1, as an event of its own too', () => {
    const run = { samplingRate: 0.01, noiseMultiplier: 1, steps: 100 };
    expect(dpSgdEvent({ ...run, recordsPerUser: 1 })).to.deep.equal(dpSgdEvent(run));
    const own = repeated(userSampled({ samplingRate: 0.01, records: 1 }, gaussianEvent(1)), 100);
    expect(epsilonOf(own, delta)).to.deep.equal(epsilonOf(dpSgdEvent(run), delta));
  });

  it('is the Gaussian of noise z ÷ k where everybody is in every lot, and nothing where nobody is', () => {
    const whole = { samplingRate: 1, noiseMultiplier: 20, steps: 10 };
    const scaled = boundsOf({ ...whole, noiseMultiplier: 4 });
    expect(boundsOf({ ...whole, recordsPerUser: 5 })).to.deep.equal(scaled);
    expect(boundsOf({ ...whole, samplingRate: 0, recordsPerUser: 5 })).to.deep.equal({ lower: 0, upper: 0 });
  });

  it('comes close to that where nearly everybody is', () => {
    const often = { samplingRate: 0.999, noiseMultiplier: 6, steps: 10 };
    const { upper } = boundsOf({ ...often, recordsPerUser: 4 });
    const always = boundsOf({ ...often, samplingRate: 1, noiseMultiplier: 1.5 }).upper;
    expect(upper).to.be.within(0.99 * always, always);
  });

  it('agrees with the hockey-stick divergence of a single step', () => {
    const [samplingRate, noiseMultiplier, records] = [0.2, 1.5, 3];
    const { lower, upper } = boundsOf({ samplingRate, noiseMultiplier, steps: 1, recordsPerUser: records }, 1e-3);
    const deltaAt = (epsilon: number) => {
      const weights = Array.from({ length: records + 1 }, (_, trials) =>
        Math.exp(logBinomialMass(trials, { trials: records, probability: samplingRate })),
      );
      const density = (x: number, mean: number) =>
        Math.exp(-((x - mean) ** 2) / (2 * noiseMultiplier ** 2)) / (noiseMultiplier * Math.sqrt(2 * Math.PI));
      let sum = 0;
      for (let x = -20; x < 30; x += 1e-3) {
        const p = weights.reduce((total, weight, j) => total + weight * density(x, j), 0);
        sum += Math.max(0, p - Math.exp(epsilon) * density(x, 0)) * 1e-3;
      }
      return sum;
    };
    expect(deltaAt(upper)).to.be.at.most(1e-3 * (1 + 1e-6));
    expect(deltaAt(lower)).to.be.at.least(1e-3 * (1 - 1e-6));
    expect(upper / lower).to.be.below(1.002);
  });

  it('grows with the records, and stays finite and quick with many of them', () => {
    const run = { samplingRate: 1e-3, noiseMultiplier: 10, steps: 10_000 };
    const figures = [1, 10, 100].map((recordsPerUser) => boundsOf({ ...run, recordsPerUser }).upper);
    expect(figures[1]).to.be.above(10 * (figures[0] as number) * 0.99);
    expect(figures[2]).to.be.within(figures[1] as number, 20);
  });

  it('is refused where nothing is proven, by name', () => {
    const event = userSampled({ samplingRate: 0.1, records: 3 }, laplaceEvent(1));
    expect(() => epsilonOf(event, delta)).to.throw(UnsupportedEventError, /"user-sampled" of a "laplace" event/);
    const nested = poissonSampled(0.5, userSampled({ samplingRate: 0.1, records: 3 }, gaussianEvent(1)));
    expect(() => epsilonOf(nested, delta)).to.throw(UnsupportedEventError, /"user-sampled"/);
    const run = dpSgdEvent({ samplingRate: 0.1, noiseMultiplier: 1, steps: 1, recordsPerUser: 3 });
    expect(() => epsilonOf(run, delta, { adjacency: 'replace-one' })).to.throw(UnsupportedEventError, 'replace-one');
    expect(() => epsilonOf(run, delta, { accountant: 'contour' })).to.throw(UnsupportedEventError, 'user-gaussian');
    for (const recordsPerUser of [0, 1.5]) {
      expect(() => dpSgdEvent({ samplingRate: 0.1, noiseMultiplier: 1, steps: 1, recordsPerUser })).to.throw(
        RangeError,
        `but is ${recordsPerUser}`,
      );
    }
  });
});

describe('the law of a user’s loss', () => {
  const mechanism = {
    ...({ kind: 'user-gaussian' } as const),
    ...{ samplingRate: 0.01, noiseMultiplier: 1, records: 100 },
  };

  it('has no grid for counts that hardly ever happen, but says what they weigh', () => {
    const law = userLaw(mechanism, 1e-12, 'remove');
    expect(law.above).to.equal(1e-12);
    const mixture = userMixture(mechanism);
    expect(law.highest).to.be.below(userLoss(mixture, 30)); // of 100 records at most about 16 are in a lot
    expect(law.highest).to.be.above(userLoss(mixture, 15));
  });
});

describe('the loss of a user’s mixture', () => {
  const mixture = userMixture({ samplingRate: 0.02, noiseMultiplier: 0.8, records: 7 });

  it('is inverted', () => {
    for (const x of [-5, -0.3, 0.5, 1.7, 4, 12, 60]) {
      const inner = Math.log((Math.exp(userLoss(mixture, x)) - 1 + mixture.anyRate) / mixture.anyRate);
      expect(outcomeOf(mixture, inner)).to.be.closeTo(x, x > 0 ? 1e-9 * Math.max(1, x) : 0.02);
    }
  });

  it('needs no more components than lots ever hold', () => {
    const sample = { samplingRate: 0.01, noiseMultiplier: 1, records: 100 };
    const most = mostRecords(sample, 1e-12);
    const beyond = (j: number) =>
      Array.from({ length: 100 - j }, (_, i) =>
        Math.exp(logBinomialMass(j + 1 + i, { trials: 100, probability: 0.01 })),
      ).reduce((a, b) => a + b, 0);
    expect(beyond(most)).to.be.at.most(1e-12);
    expect(beyond(most - 1)).to.be.above(1e-12);
    expect(mostRecords({ ...sample, records: 2 }, 1e-12)).to.equal(2);
  });
});
