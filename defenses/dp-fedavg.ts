/**
 * DP-FedAvg (McMahan et al., Learning Differentially Private Recurrent Language Models, 2018, Algorithm 1): differential privacy
 * of whole clients. Each round every client takes part with probability `trainer.participation`, its whole update is clipped
 * before it leaves, and the fed server puts Gaussian noise on the sum, once a round, and divides by the expected number of clients.
 */

import { adaptiveGradientNoise, calibrateNoiseMultiplier } from '../src/accounting/index.ts';
import type { Defense, DefenseEntry, DefenseSite, UpdateRule } from '../src/contracts/defense.ts';

interface DpFedAvgOptions {
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  readonly epsilon?: number;
  readonly clipping?: 'flat' | 'per-layer' | 'adaptive';
  readonly layerNorms?: readonly number[];
  readonly quantile?: number;
  readonly clipLearningRate?: number;
  readonly countStd?: number;
}

export const dpFedAvg: DefenseEntry = {
  name: 'dp-fedavg',
  summary: 'client-level: whole updates clipped, Gaussian noise on their sum, clients by Poisson sampling',
  options: {
    clipNorm: {
      type: 'number',
      above: 0,
      default: 1,
      description: 'C, largest L2 norm of one client’s update; under adaptive clipping the first one',
    },
    noiseMultiplier: {
      type: 'number',
      min: 0,
      default: 1,
      description: 'standard deviation of the noise on the sum, in units of clipNorm',
    },
    epsilon: {
      type: 'number',
      above: 0,
      insteadOf: 'noiseMultiplier',
      description: 'target for the whole training at ledger.delta, in place of noiseMultiplier',
    },
    clipping: {
      type: 'choice',
      choices: ['flat', 'per-layer', 'adaptive'],
      description:
        'of updates: as a whole (flat, where left out); each layer to C/√layers; or as a whole to a C that follows a quantile of their norms',
    },
    layerNorms: {
      type: 'numbers',
      above: 0,
      description:
        'per-layer: C_l of each layer with parameters, from the first on; clipNorm is then their root sum of squares',
    },
    quantile: {
      type: 'number',
      above: 0,
      below: 1,
      description: 'adaptive: share of norms below C; 0.5 where left out',
    },
    clipLearningRate: { type: 'number', above: 0, description: 'adaptive: how fast C follows; 0.2 where left out' },
    countStd: {
      type: 'number',
      above: 0,
      description:
        'adaptive: standard deviation of the noise on the count of norms below C; a twentieth of the expected number of clients where left out',
    },
  },
  sources: [
    'McMahan et al., Learning Differentially Private Recurrent Language Models, ICLR 2018, Algorithm 1',
    'Andrew et al., Differentially Private Learning with Adaptive Clipping, 2021, Algorithm 1 and Theorem 1',
    'Geyer et al., Differentially Private Federated Learning: A Client Level Perspective, 2017',
  ],
  create: (options, site) => dpFedAvgOn(options as unknown as DpFedAvgOptions, site),
};

/** Throws a RangeError where the trainer averages no client updates, or options contradict each other. */
function dpFedAvgOn(options: DpFedAvgOptions, site: DefenseSite): Defense {
  const averaging = averagingOf(site);
  const { epsilon } = options;
  const noiseMultiplier =
    epsilon === undefined ? options.noiseMultiplier : multiplierFor(epsilon, site.delta, averaging);
  const clipping = clippingOf(options, averaging.participation * site.clients.length);
  if (clipping?.kind === 'adaptive') adaptiveGradientNoise({ noiseMultiplier, countStd: clipping.countStd });
  const rule: UpdateRule = { clipNorm: clipNormOf(options), noiseMultiplier, ...(clipping && { clipping }) };
  return { name: 'dp-fedavg', updateRule: rule, reading: readingOf(rule, averaging) };
}

/** Undefined for flat clipping, which is what a rule without any means. Throws a RangeError for options of another way. */
function clippingOf(options: DpFedAvgOptions, expectedClients: number): UpdateRule['clipping'] {
  const { clipping = 'flat', layerNorms: proportions, quantile = 0.5, clipLearningRate: learningRate = 0.2 } = options;
  requireOwnOptions(clipping, options);
  switch (clipping) {
    case 'flat':
      return undefined;
    case 'per-layer':
      return { kind: 'per-layer', ...(proportions && { proportions }) };
    case 'adaptive':
      return { kind: 'adaptive', quantile, learningRate, countStd: options.countStd ?? expectedClients / 20 };
  }
}

const clippingOfOption = {
  layerNorms: 'per-layer',
  quantile: 'adaptive',
  clipLearningRate: 'adaptive',
  countStd: 'adaptive',
} as const;

function requireOwnOptions(clipping: string, options: DpFedAvgOptions): void {
  for (const [name, owner] of Object.entries(clippingOfOption)) {
    const given = options[name as keyof typeof clippingOfOption];
    if (given === undefined || owner === clipping) continue;
    throw new RangeError(`${name} is for clipping "${owner}", but clipping is "${clipping}". Leave one of them out.`);
  }
}

/** C: √(Σ C_l²) where each layer has a norm of its own. */
function clipNormOf({ clipNorm, layerNorms }: DpFedAvgOptions): number {
  return layerNorms ? Math.hypot(...layerNorms) : clipNorm;
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

function readingOf(rule: UpdateRule, { participation }: Averaging): string[] {
  return [
    `${noiseReading(rule)} Each client takes part with probability ${participation}, independently, and a round may have none.`,
    'The fed server is trusted: it sees every clipped update without noise, and who sent it. What is protected is a client against those who see the averaged model.',
    'Gradient attacks here observe the gradient of one batch, before it becomes part of an update: this defense acts on whole updates and their sum only, so it leaves that observation as it is.',
    'Where there is a server part (split trainers), it is trained on smashed data without noise, so the ε holds only under the condition that the server part does not depend on the client.',
  ];
}

function noiseReading({ clipNorm, noiseMultiplier, clipping }: UpdateRule): string {
  const std = noiseMultiplier * clipNorm;
  switch (clipping?.kind) {
    case 'per-layer':
      return `Each round adds Gaussian noise of standard deviation ${std} to the sum of client updates clipped layer by layer, together to ${clipNorm}.`;
    case 'adaptive': {
      const own = adaptiveGradientNoise({ noiseMultiplier, countStd: clipping.countStd });
      return `Each round adds Gaussian noise of ${own} times the clipping norm to the sum of clipped client updates and of standard deviation ${clipping.countStd} to the count of norms below it: together a release of noise multiplier ${noiseMultiplier}. The clipping norm starts at ${clipNorm}, is made of noisy counts, and is public.`;
    }
    default:
      return `Each round adds Gaussian noise of standard deviation ${std} to the sum of client updates clipped to ${clipNorm}.`;
  }
}
