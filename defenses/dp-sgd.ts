/**
 * DP-SGD on the client (Abadi et al., Deep Learning with Differential Privacy, 2016, Algorithm 1): lots by Poisson sampling,
 * each example's gradient of the client part clipped, Gaussian noise on the sum once a lot, divided by the public batch size.
 */

import { adaptiveGradientNoise, calibrateNoiseMultiplier } from '../src/accounting/index.ts';
import type { Clipping, Defense, DefenseEntry, DefenseSite, GradientRule } from '../src/contracts/defense.ts';

interface DpSgdOptions {
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  readonly epsilon?: number;
  readonly clipping: Clipping['kind'];
  readonly layerNorms?: readonly number[];
  readonly stabilizer: number;
  readonly quantile: number;
  readonly clipLearningRate: number;
  readonly countStd?: number;
  readonly level: 'example' | 'user';
  readonly recordsPerUser?: number;
  readonly microbatch?: number;
}

export const dpSgd: DefenseEntry = {
  name: 'dp-sgd',
  summary: 'per-example clipping and Gaussian noise on the client’s gradient, lots by Poisson sampling',
  options: {
    clipNorm: {
      type: 'number',
      above: 0,
      default: 1,
      description: 'C, largest L2 norm of one example’s gradient; under adaptive clipping the first one',
    },
    noiseMultiplier: {
      type: 'number',
      min: 0,
      default: 1.3,
      description: 'standard deviation of the noise on the sum, in units of clipNorm',
    },
    epsilon: {
      type: 'number',
      above: 0,
      insteadOf: 'noiseMultiplier',
      description: 'target for the whole training at ledger.delta, of what level protects, in place of noiseMultiplier',
    },
    clipping: {
      type: 'choice',
      choices: ['flat', 'per-layer', 'automatic', 'adaptive'],
      default: 'flat',
      description:
        'g · min(1, C/‖g‖); the same in each layer with C/√layers; C/(‖g‖ + stabilizer); or flat with a C that follows a quantile',
    },
    layerNorms: {
      type: 'numbers',
      above: 0,
      description:
        'per-layer: C_l of each layer with parameters, from the first on; clipNorm is then their root sum of squares',
    },
    stabilizer: { type: 'number', above: 0, default: 0.01, description: 'automatic: added to the norm' },
    quantile: { type: 'number', above: 0, below: 1, default: 0.5, description: 'adaptive: share of norms below C' },
    clipLearningRate: { type: 'number', above: 0, default: 0.2, description: 'adaptive: how fast C follows' },
    countStd: {
      type: 'number',
      above: 0,
      description:
        'adaptive: standard deviation of the noise on the count of norms below C; batchSize/20 where left out',
    },
    level: {
      type: 'choice',
      choices: ['example', 'user'],
      default: 'example',
      description: 'what is protected: one record, or a user with recordsPerUser of them (clients: defense dp-fedavg)',
    },
    recordsPerUser: {
      type: 'integer',
      min: 2,
      description: 'level user: largest number of records of one user, all of them at one client',
    },
    microbatch: {
      type: 'integer',
      min: 1,
      description: 'examples that go through the network at once; a lot of batchSize and some where left out',
    },
  },
  sources: [
    'Abadi et al. 2016, Algorithm 1',
    'Thapa et al., SplitFed, AAAI 2022, equations 1–3',
    'McMahan et al., Learning Differentially Private Recurrent Language Models, 2018 (per-layer)',
    'Bu et al., Automatic Clipping, 2023 (AUTO-S)',
    'Andrew et al., Differentially Private Learning with Adaptive Clipping, 2021, Theorem 1',
    'Ganesh, Tight Group-Level DP Guarantees for DP-SGD with Sampling via Mixture of Gaussians Mechanisms, 2024 (users)',
  ],
  create: (options, site) => dpSgdOn(options as unknown as DpSgdOptions, site),
};

/** Throws a RangeError where options contradict each other. */
function dpSgdOn(options: DpSgdOptions, site: DefenseSite): Defense {
  const { epsilon, microbatch } = options;
  const clipNorm = clipNormOf(options);
  const recordsPerUser = recordsOf(options);
  const noiseMultiplier =
    epsilon === undefined ? options.noiseMultiplier : multiplierFor({ epsilon, recordsPerUser }, site);
  const clipping = clippingOf(options, site);
  if (clipping?.kind === 'adaptive') adaptiveGradientNoise({ noiseMultiplier, countStd: clipping.countStd });
  const rule: GradientRule = {
    ...{ clipNorm, noiseMultiplier },
    ...(clipping && { clipping }),
    ...(microbatch !== undefined && { microbatch }),
    ...(recordsPerUser !== undefined && { recordsPerUser }),
  };
  return { name: 'dp-sgd', gradientRule: rule, reading: readingOf(rule) };
}

/** C: √(Σ C_l²) where each layer has a norm of its own, which is what one example moves the sum by. */
function clipNormOf({ clipNorm, clipping, layerNorms }: DpSgdOptions): number {
  if (layerNorms === undefined) return clipNorm;
  if (clipping === 'per-layer') return Math.hypot(...layerNorms);
  throw new RangeError(
    `layerNorms is [${layerNorms}], but clipping is "${clipping}". Set clipping to "per-layer", or leave layerNorms out.`,
  );
}

/** Undefined for flat clipping, which is what a rule without any means. */
function clippingOf(options: DpSgdOptions, { batchSize }: DefenseSite): Clipping | undefined {
  const { layerNorms: proportions } = options;
  const { stabilizer, quantile, clipLearningRate: learningRate, countStd = batchSize / 20 } = options;
  switch (options.clipping) {
    case 'flat':
      return undefined;
    case 'per-layer':
      return { kind: 'per-layer', ...(proportions && { proportions }) };
    case 'automatic':
      return { kind: 'automatic', stabilizer };
    case 'adaptive':
      return { kind: 'adaptive', quantile, learningRate, countStd };
  }
}

function recordsOf({ level, recordsPerUser }: DpSgdOptions): number | undefined {
  if (level === 'example') {
    if (recordsPerUser === undefined) return undefined;
    throw new RangeError(
      `recordsPerUser is ${recordsPerUser}, but level is "example". Set level to "user", or leave it out.`,
    );
  }
  if (recordsPerUser === undefined) {
    throw new RangeError('level "user" needs recordsPerUser: the largest number of records of one user, at least 2.');
  }
  return recordsPerUser;
}

interface Target {
  readonly epsilon: number;
  /** Of a user; of one record where left out. */
  readonly recordsPerUser: number | undefined;
}

/** The smallest noise with which no client exceeds the target: each has its own sampling rate and number of steps. */
function multiplierFor({ epsilon, recordsPerUser }: Target, { clients, batchSize, delta }: DefenseSite): number {
  const multipliers = clients.map(({ examples, steps }) => {
    const samplingRate = Math.min(1, batchSize / examples);
    return calibrateNoiseMultiplier({ epsilon, delta, steps, samplingRate, recordsPerUser });
  });
  return Math.max(...multipliers);
}

function readingOf(rule: GradientRule): string[] {
  return [
    noiseReading(rule),
    ...(rule.recordsPerUser === undefined
      ? []
      : [
          `The unit is a user with at most ${rule.recordsPerUser} records, all of them at one client: the data set does not say whose a record is, so that is for you to know.`,
        ]),
    'Where the server part is trained on the same records without noise (split trainers), the ε of these steps holds only under the condition that the server part does not depend on the record.',
  ];
}

function noiseReading({ clipNorm, noiseMultiplier, clipping }: GradientRule): string {
  switch (clipping?.kind) {
    case 'per-layer':
      return `Each step adds Gaussian noise of standard deviation ${noiseMultiplier * clipNorm} to a sum of gradients clipped layer by layer, together to ${clipNorm}.`;
    case 'automatic':
      return `Each step adds Gaussian noise of standard deviation ${noiseMultiplier * clipNorm} to a sum of gradients scaled to a norm below ${clipNorm}.`;
    case 'adaptive': {
      const own = adaptiveGradientNoise({ noiseMultiplier, countStd: clipping.countStd });
      return `Each step adds Gaussian noise of ${own} times the clipping norm to a sum of clipped gradients and of standard deviation ${clipping.countStd} to the count of norms below it: together a release of noise multiplier ${noiseMultiplier}. The clipping norm starts at ${clipNorm}, is made of noisy counts, and is public.`;
    }
    default:
      return `Each step adds Gaussian noise of standard deviation ${noiseMultiplier * clipNorm} to a sum of gradients clipped to ${clipNorm}.`;
  }
}
