/** The ledgers of a run, from what its training counted: every step and release, at each client's own rate. */

import { expect } from 'chai';
import { dpSgdEvent, epsilonOf, gaussianEvent, groupEpsilon } from '../accounting/index.ts';
import type { Defense } from '../contracts/defense.ts';
import type { TrainerName } from '../contracts/experiment.ts';
import { protocolOf } from '../training/protocol.ts';
import { smallTask } from '../training/testing/small-task.ts';
import { type LedgerSetup, ledgerOf } from './ledger.ts';

const INFINITE = Number.POSITIVE_INFINITY;
const delta = 1e-5;
const split = ['split', 'splitfed-v1', 'splitfed-v2'] as const;
const whole = ['centralized', 'federated'] as const;

/** Clients of 100, 400 and 16 examples in batches of 8, of which the last has made no step. */
const counted = { round: 5, releases: 16, steps: [40, 600, 0] };

function ledger(trainer: TrainerName, given: Partial<LedgerSetup> = {}) {
  const config = { ledger: { delta, distance: 0.5 }, trainer: smallTask({ trainer }).trainer };
  const shards = [100, 400, 16].map((length) => new Int32Array(length));
  const setup = { config, protocol: protocolOf(trainer), defenses: [], gradientRule: undefined, shards, ...given };
  return ledgerOf(setup, counted);
}

const defense = (claims: Partial<Defense>): Defense => ({ name: 'made', reading: [], ...claims });

describe('the weights ledger under dp-sgd', () => {
  const gradientRule = { clipNorm: 1, noiseMultiplier: 1.1 };
  const runs = [
    { samplingRate: 8 / 100, noiseMultiplier: 1.1, steps: 40 },
    { samplingRate: 8 / 400, noiseMultiplier: 1.1, steps: 600 },
  ];

  it('takes the largest ε of a client, by its own rate and the steps it has made', () => {
    const expected = Math.max(...runs.map((run) => epsilonOf(dpSgdEvent(run), delta).upper as number));
    for (const trainer of whole) {
      const { epsilonWeights, epsilonWeightsConditional, epsilonLabel, weightsUnit } = ledger(trainer, {
        gradientRule,
      });
      expect([epsilonWeights, epsilonWeightsConditional, epsilonLabel]).to.deep.equal([expected, expected, expected]);
      expect(weightsUnit).to.equal('example');
    }
  });

  it('claims nothing where a server part is trained on the same records: only the conditional figure is finite', () => {
    for (const trainer of split) {
      const { epsilonWeights, epsilonWeightsConditional, epsilonLabel, readings } = ledger(trainer, { gradientRule });
      expect([epsilonWeights, epsilonLabel], trainer).to.deep.equal([INFINITE, INFINITE]);
      expect(readings.join(' ')).to.match(/labels are sent in clear/);
      expect(epsilonWeightsConditional).to.equal(ledger('federated', { gradientRule }).epsilonWeights);
    }
  });

  it('is about the user where the rule says how many records one has', () => {
    const { epsilonWeights, weightsUnit } = ledger('federated', {
      gradientRule: { ...gradientRule, recordsPerUser: 3 },
    });
    expect(epsilonWeights).to.equal(Math.max(...runs.map((run) => groupEpsilon({ run, records: 3, delta }))));
    expect(weightsUnit).to.equal('user');
  });
});

describe('the activation ledger', () => {
  const defenses = [defense({ activationRelease: (distance) => gaussianEvent(6 * distance) })];

  it('composes as many releases as were counted, at the stated distance', () => {
    const { epsilonActivation, epsilonActivationRelease, epsilonWeights } = ledger('splitfed-v1', { defenses });
    expect(epsilonActivation).to.be.closeTo(epsilonOf(gaussianEvent(3 / 4), delta).upper as number, 1e-9); // √16 releases
    expect(epsilonActivationRelease).to.be.closeTo(epsilonOf(gaussianEvent(3), delta).upper as number, 1e-9);
    expect(epsilonWeights).to.equal(INFINITE);
  });

  it('is empty where no activation is sent', () => {
    for (const trainer of whole) expect(ledger(trainer, { defenses }).epsilonActivation).to.equal(INFINITE);
  });
});

describe('the ledgers of a joint mechanism', () => {
  it('ask for the passes that were made, and hold for each channel by itself', () => {
    const joint = (release: number) =>
      ledger('splitfed-v2', {
        defenses: [
          defense({
            activationRelease: () => gaussianEvent(release),
            labelRule: { epsilon: 3, keep: 0.7 },
            jointClaim: (passes, at) => ({ epsilon: passes + at, reading: '' }),
          }),
        ],
      });
    const { epsilonJoint, epsilonWeights, epsilonWeightsConditional, epsilonActivation, epsilonLabel } = joint(0.1);
    expect(epsilonJoint).to.equal(16 + delta);
    expect([epsilonWeights, epsilonWeightsConditional]).to.deep.equal([16 + delta, 16 + delta]);
    expect(epsilonActivation).to.equal(16 + delta); // 16 releases of noise 0.1 alone would say more than 800
    expect(joint(40).epsilonActivation).to.be.below(1);
    expect(epsilonLabel).to.equal(3);
    expect(ledger('splitfed-v2').epsilonJoint).to.equal(INFINITE);
  });
});
