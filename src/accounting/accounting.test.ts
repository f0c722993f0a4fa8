/** Events, refusals, limits, calibration and the ledgers. */

import { expect } from 'chai';
import type { PrivacyEvent } from '../contracts/event.ts';
import { calibrateNoiseMultiplier, noiseFor, stepsFor } from './calibrate.ts';
import { epsilonOf } from './epsilon-of.ts';
import { UnsupportedEventError } from './errors.ts';
import {
  composed,
  dpSgdEvent,
  flattenEvent,
  gaussianEvent,
  laplaceEvent,
  nonPrivate,
  poissonSampled,
  repeated,
} from './events.ts';
import { activationClaim, labelClaim, weightsClaim } from './ledger.ts';
import { referenceRows } from './testing/reference.ts';

const INFINITE = Number.POSITIVE_INFINITY;

describe('events', () => {
  it('flatten to mechanisms with counts', () => {
    const inner = composed([
      { event: gaussianEvent(2), count: 3 },
      { event: poissonSampled(0.1, poissonSampled(0.5, gaussianEvent(2))), count: 1 },
    ]);
    expect(flattenEvent(repeated(inner, 4)).parts).to.deep.equal([
      { mechanism: { kind: 'gaussian', noiseMultiplier: 2, samplingRate: 1 }, count: 12 },
      { mechanism: { kind: 'gaussian', noiseMultiplier: 2, samplingRate: 0.05 }, count: 4 },
    ]);
  });

  it('are refused by name where no proof is known', () => {
    const sampled = composed([{ event: poissonSampled(0.1, laplaceEvent(1)), count: 2 }]);
    expect(() => epsilonOf(sampled, 1e-5)).to.throw(UnsupportedEventError, '"laplace"');
    const unknown = JSON.parse('{"kind":"exponential"}') as PrivacyEvent;
    expect(() => epsilonOf(repeated(unknown, 2), 1e-5)).to.throw(UnsupportedEventError, 'exponential');
  });

  it('are checked', () => {
    expect(() => gaussianEvent(-1)).to.throw(RangeError, 'noiseMultiplier must be at least 0, but is -1');
    expect(() => gaussianEvent(Number.NaN)).to.throw(RangeError);
    expect(() => poissonSampled(1.5, gaussianEvent(1))).to.throw(RangeError, 'samplingRate');
    expect(() => repeated(gaussianEvent(1), 1.5)).to.throw(RangeError, 'whole number');
    expect(() => epsilonOf({ kind: 'gaussian', noiseMultiplier: -2 }, 1e-5)).to.throw(RangeError, 'but is -2');
    for (const delta of [1, -0.1, Number.NaN])
      expect(() => epsilonOf(gaussianEvent(1), delta)).to.throw(RangeError, 'delta');
  });
});

describe('epsilonOf', () => {
  for (const accountant of ['rdp', 'gaussian-dp', undefined] as const) {
    const options = accountant === undefined ? {} : { accountant };
    it(`knows the limits (${accountant ?? 'default'})`, () => {
      const run = { samplingRate: 0.1, noiseMultiplier: 1, steps: 10 };
      const upper = (change: Partial<typeof run>) => epsilonOf(dpSgdEvent({ ...run, ...change }), 1e-5, options).upper;
      expect(upper({ noiseMultiplier: 0 })).to.equal(INFINITE);
      expect(upper({ noiseMultiplier: INFINITE })).to.equal(0);
      expect(upper({ samplingRate: 0 })).to.equal(0);
      expect(upper({ steps: 0 })).to.equal(0);
      expect(epsilonOf(nonPrivate('no noise'), 1e-5, options).upper).to.equal(INFINITE);
    });
  }

  it('gives ∞ at δ = 0 for Gaussian noise', () => {
    expect(epsilonOf(gaussianEvent(5), 0).upper).to.equal(INFINITE);
    expect(epsilonOf(dpSgdEvent({ samplingRate: 0.1, noiseMultiplier: 2, steps: 3 }), 0).upper).to.equal(INFINITE);
  });

  it('gives 0 where total variation is below δ', () => {
    expect(epsilonOf(dpSgdEvent({ samplingRate: 0.001, noiseMultiplier: 5, steps: 1 }), 0.1).upper).to.equal(0);
  });

  it('is monotone: more steps and samples cost more, noise and δ less', () => {
    const upper = (samplingRate: number, noiseMultiplier: number, steps: number, delta: number) =>
      epsilonOf(dpSgdEvent({ samplingRate, noiseMultiplier, steps }), delta).upper ?? Number.NaN;
    const middle = upper(0.02, 1.2, 300, 1e-6);
    expect(upper(0.02, 1.2, 301, 1e-6)).to.be.above(middle);
    expect(upper(0.021, 1.2, 300, 1e-6)).to.be.above(middle);
    expect(upper(0.02, 1.21, 300, 1e-6)).to.be.below(middle);
    expect(upper(0.02, 1.2, 300, 2e-6)).to.be.below(middle);
  });
});

describe('calibration', () => {
  it('never returns less noise than the bound asks, nor more than 1e-8 too much', () => {
    for (const [samplingRate, steps, epsilon, delta] of [
      [0.01, 1000, 1, 1e-5],
      [1, 100, 2, 1e-6],
      [0.2, 500, 10, 1e-5],
    ] as const) {
      const request = { samplingRate, steps, epsilon, delta, accountant: 'rdp' } as const;
      const { noiseMultiplier, epsilon: reached } = noiseFor(request);
      expect(reached.upper)
        .to.be.at.most(epsilon)
        .and.at.least(epsilon * (1 - 1e-7));
      const less = dpSgdEvent({ samplingRate, steps, noiseMultiplier: noiseMultiplier * (1 - 1e-8) });
      expect(epsilonOf(less, delta, { accountant: 'rdp' }).upper).to.be.above(epsilon);
    }
  });

  it('asks at most the noise that dp_accounting asks with its grid of orders', () => {
    const rows = referenceRows().filter((row) => row.mechanism.startsWith('calibrate') && row.accountant === 'RDP');
    expect(rows).to.have.length(5);
    for (const { q, sigma: epsilon, steps, delta, value, id } of rows) {
      const ours = calibrateNoiseMultiplier({ samplingRate: q, steps, epsilon, delta, accountant: 'rdp' });
      expect(ours, id).to.be.within(value * 0.985, value * (1 + 1e-6));
    }
  });

  it('reproduces Opacus’ σ = 1.416 for ε = 8, q = 0.04, 90 epochs', () => {
    const request = { samplingRate: 0.04, steps: 2250, epsilon: 8, delta: 1e-5, accountant: 'rdp' } as const;
    expect(calibrateNoiseMultiplier(request)).to.be.closeTo(1.416, 0.005);
  });

  it('finds the largest number of steps', () => {
    const request = { samplingRate: 0.01, noiseMultiplier: 1.2, epsilon: 2, delta: 1e-5, accountant: 'rdp' } as const;
    const steps = stepsFor(request);
    const upper = (count: number) =>
      epsilonOf(dpSgdEvent({ ...request, steps: count }), 1e-5, { accountant: 'rdp' }).upper ?? Number.NaN;
    expect(upper(steps)).to.be.at.most(2);
    expect(upper(steps + 1)).to.be.above(2);
  });

  it('says what is impossible', () => {
    const request = { samplingRate: 0.01, steps: 10, epsilon: 1, delta: 1e-5 };
    expect(() => noiseFor({ ...request, epsilon: 0 })).to.throw(RangeError, 'epsilon must be a positive number');
    expect(() => noiseFor({ ...request, delta: 0 })).to.throw(RangeError, 'delta must be above 0');
    expect(noiseFor({ ...request, steps: 0 }).noiseMultiplier).to.equal(0);
  });
});

describe('the ledgers', () => {
  it('compose the releases of an activation', () => {
    const gaussian = activationClaim({ release: gaussianEvent(3), releases: 16, delta: 1e-5 });
    expect(gaussian.epsilon).to.be.closeTo(epsilonOf(gaussianEvent(3 / 4), 1e-5).upper ?? 0, 1e-9);
    const laplace = activationClaim({ release: laplaceEvent(0.5), releases: 3, delta: 1e-5 });
    expect(laplace.epsilon).to.be.at.most(6).and.above(5.99);
    expect(laplace.epsilonRelease).to.be.closeTo(2, 1e-4);
    expect(laplace.reading).to.match(/3 releases of/);
    const once = activationClaim({ release: laplaceEvent(0.5), releases: 1, delta: 1e-5 });
    expect(once.reading).to.match(/over 1 release of/);
  });

  it('give PixelDP’s defaults their true figures at distance 10 and over 50 releases', () => {
    const std = 0.2537; // ε 1, δ 0.05, L 0.1, Δ 1
    const at = (distance: number, releases: number) =>
      activationClaim({ release: gaussianEvent(std / distance), releases, delta: 1e-5 }).epsilon;
    expect(at(0.1, 1)).to.be.closeTo(1.53, 0.01);
    expect(at(1, 1)).to.be.closeTo(23.9, 0.05);
    expect(at(10, 1)).to.be.closeTo(944, 1);
    expect(at(1, 50)).to.be.closeTo(506, 1);
  });

  it('claims nothing of activations that nobody is sent', () => {
    const claim = activationClaim({ release: gaussianEvent(3), isSent: false, releases: 2, delta: 1e-5 });
    expect(claim.epsilon).to.equal(Number.POSITIVE_INFINITY);
    expect(claim.reading).to.match(/there is none.*protects no one here/);
  });

  it('are ∞ with the reason where nothing protects', () => {
    const claims = [
      activationClaim({ release: undefined, releases: 3, delta: 1e-5 }),
      activationClaim({ release: gaussianEvent(0), releases: 3, delta: 1e-5 }),
      activationClaim({ release: nonPrivate('epsilon is .inf'), releases: 3, delta: 1e-5 }),
      weightsClaim({ clients: undefined, wholeNetwork: true, delta: 1e-5 }),
      weightsClaim({ clients: [{ samplingRate: 0.1, noiseMultiplier: 0, steps: 3 }], wholeNetwork: true, delta: 1e-5 }),
      labelClaim({ sentInClear: true }),
      labelClaim({ sentInClear: false }),
    ];
    for (const { epsilon, reading } of claims) {
      expect(epsilon).to.equal(INFINITE);
      expect(reading).to.match(/non-private/);
    }
  });

  it('take the largest ε over clients, not the sum', () => {
    const small = { samplingRate: 0.01, noiseMultiplier: 1.3, steps: 100 };
    const large = { samplingRate: 0.02, noiseMultiplier: 1.3, steps: 50 };
    const of = (clients: (typeof small)[]) => weightsClaim({ clients, wholeNetwork: true, delta: 1e-5 }).epsilon;
    expect(of([small, large, small])).to.equal(Math.max(of([small]), of([large])));
  });

  it('claim nothing for DP-SGD on the client part alone, but name the conditional figure', () => {
    const clients = [{ samplingRate: 0.01, noiseMultiplier: 1.3, steps: 100 }];
    const whole = weightsClaim({ clients, wholeNetwork: true, delta: 1e-5 });
    const part = weightsClaim({ clients, wholeNetwork: false, delta: 1e-5 });
    expect(whole.epsilon).to.be.below(2);
    expect([part.epsilon, part.conditional]).to.deep.equal([INFINITE, whole.epsilon]);
    expect(part.reading).to.match(/server part/);
  });

  it('let labels that stay at home share the weights’ figure', () => {
    expect(labelClaim({ sentInClear: false, epsilonWeights: 2 }).epsilon).to.equal(2);
    expect(labelClaim({ sentInClear: true, epsilonWeights: 2 }).epsilon).to.equal(INFINITE);
  });
});
