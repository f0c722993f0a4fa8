/**
 * DP-SGD on the client (Abadi et al., Deep Learning with Differential Privacy, 2016, Algorithm 1): lots by Poisson sampling,
 * each example's gradient of the client part clipped to `clipNorm`, Gaussian noise on the sum once a lot, divided by the public
 * batch size.
 */

import { calibrateNoiseMultiplier } from '../src/accounting/index.ts';
import type { Defense, DefenseEntry, DefenseSite } from '../src/contracts/defense.ts';

interface DpSgdOptions {
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  readonly epsilon?: number;
}

export const dpSgd: DefenseEntry = {
  name: 'dp-sgd',
  summary: 'per-example clipping and Gaussian noise on the client’s gradient, lots by Poisson sampling',
  options: {
    clipNorm: { type: 'number', above: 0, default: 1, description: 'largest L2 norm of one example’s gradient' },
    noiseMultiplier: {
      type: 'number',
      min: 0,
      default: 1.3,
      description: 'standard deviation of the noise on the sum, in units of clipNorm',
    },
    epsilon: {
      type: 'number',
      above: 0,
      description: 'target for the whole training at ledger.delta, in place of noiseMultiplier',
    },
  },
  sources: ['Abadi et al. 2016, Algorithm 1', 'Thapa et al., SplitFed, AAAI 2022, equations 1–3'],
  create: (options, site) => dpSgdOn(options as unknown as DpSgdOptions, site),
};

function dpSgdOn({ clipNorm, noiseMultiplier, epsilon }: DpSgdOptions, site: DefenseSite): Defense {
  const rule = { clipNorm, noiseMultiplier: epsilon === undefined ? noiseMultiplier : multiplierFor(epsilon, site) };
  return {
    name: 'dp-sgd',
    gradientRule: rule,
    reading: [
      `Each step adds Gaussian noise of standard deviation ${rule.noiseMultiplier * clipNorm} to a sum of gradients clipped to ${clipNorm}.`,
      'Where the server part is trained on the same records without noise (split trainers), the ε of these steps holds only under the condition that the server part does not depend on the record.',
    ],
  };
}

/** The smallest noise with which no client exceeds the target: each has its own sampling rate and number of steps. */
function multiplierFor(epsilon: number, { clients, batchSize, delta }: DefenseSite): number {
  const multipliers = clients.map(({ examples, steps }) =>
    calibrateNoiseMultiplier({ epsilon, delta, steps, samplingRate: Math.min(1, batchSize / examples) }),
  );
  return Math.max(...multipliers);
}
