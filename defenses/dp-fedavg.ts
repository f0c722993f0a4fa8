/**
 * DP-FedAvg (McMahan et al., Learning Differentially Private Recurrent Language Models, 2018, Algorithm 1): differential privacy
 * of whole clients. Each round every client takes part with probability `trainer.participation`, its whole update is clipped
 * before it leaves, and the fed server puts Gaussian noise on the sum, once a round, and divides by the expected number of clients.
 */

import { calibrateNoiseMultiplier } from '../src/accounting/index.ts';
import type { Defense, DefenseEntry, DefenseSite, UpdateRule } from '../src/contracts/defense.ts';

interface DpFedAvgOptions {
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  readonly epsilon?: number;
}

export const dpFedAvg: DefenseEntry = {
  name: 'dp-fedavg',
  summary: 'client-level: whole updates clipped, Gaussian noise on their sum, clients by Poisson sampling',
  options: {
    clipNorm: { type: 'number', above: 0, default: 1, description: 'largest L2 norm of one client’s update' },
    noiseMultiplier: {
      type: 'number',
      min: 0,
      default: 1,
      description: 'standard deviation of the noise on the sum, in units of clipNorm',
    },
    epsilon: {
      type: 'number',
      above: 0,
      description: 'target for the whole training at ledger.delta, in place of noiseMultiplier',
    },
  },
  sources: [
    'McMahan et al., Learning Differentially Private Recurrent Language Models, ICLR 2018, Algorithm 1',
    'Geyer et al., Differentially Private Federated Learning: A Client Level Perspective, 2017',
  ],
  create: (options, site) => dpFedAvgOn(options as unknown as DpFedAvgOptions, site),
};

/** Throws a RangeError where the trainer averages no client updates. */
function dpFedAvgOn({ clipNorm, noiseMultiplier, epsilon }: DpFedAvgOptions, site: DefenseSite): Defense {
  const averaging = averagingOf(site);
  const rule = {
    clipNorm,
    noiseMultiplier: epsilon === undefined ? noiseMultiplier : multiplierFor(epsilon, site.delta, averaging),
  };
  return { name: 'dp-fedavg', updateRule: rule, reading: readingOf(rule, averaging) };
}

type Averaging = NonNullable<DefenseSite['averaging']>;

function averagingOf({ averaging }: DefenseSite): Averaging {
  if (averaging) return averaging;
  throw new RangeError(
    'dp-fedavg needs a trainer that averages client updates: federated, splitfed-v1 or splitfed-v2. ' +
      'Use dp-sgd with centralized and split, which average none.',
  );
}

function multiplierFor(epsilon: number, delta: number, { rounds, participation }: Averaging): number {
  return calibrateNoiseMultiplier({ epsilon, delta, steps: rounds, samplingRate: participation });
}

function readingOf({ clipNorm, noiseMultiplier }: UpdateRule, { participation }: Averaging): string[] {
  return [
    `Each round adds Gaussian noise of standard deviation ${noiseMultiplier * clipNorm} to the sum of client updates clipped to ${clipNorm}; each client takes part with probability ${participation}, independently, and a round may have none.`,
    'The fed server is trusted: it sees every clipped update without noise, and who sent it. What is protected is a client against those who see the averaged model.',
    'Gradient attacks here observe the gradient of one batch, before it becomes part of an update: this defense acts on whole updates and their sum only, so it leaves that observation as it is.',
    'Where there is a server part (split trainers), it is trained on smashed data without noise, so the ε holds only under the condition that the server part does not depend on the client.',
  ];
}
