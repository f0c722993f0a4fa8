/**
 * Joint privacy of a split training run: everything that a client sends about a record is private, against main server and fed
 * server together, whatever they do. Smashed data are clipped per example and noised at the cut, labels are randomized once, and
 * client gradients are clipped and noised. docs/joint-privacy.md has the theorem and its proof.
 */

import { jointEpsilon, jointNoise } from '../src/accounting/index.ts';
import { counted } from '../src/arrays/counted.ts';
import type { Defense, DefenseEntry, DefenseSite, JointClaim, LabelRule } from '../src/contracts/defense.ts';
import type { Layer } from '../src/contracts/model.ts';
import { noisy } from '../src/models/noisy.ts';

interface JointDpOptions {
  readonly epsilon: number;
  readonly labelEpsilon: number;
  readonly clipActivation: number;
  readonly clipGradient: number;
  readonly gradientShare: number;
  readonly gainFloor: number;
}

export const jointDp: DefenseEntry = {
  name: 'joint-dp',
  summary: 'smashed data, labels and gradients private together: one (ε, δ) per record against both servers',
  options: {
    epsilon: {
      type: 'number',
      above: 0,
      default: 100,
      description: 'target of the whole training at ledger.delta, replace-one, labels included',
    },
    labelEpsilon: {
      type: 'number',
      above: 0,
      default: 3,
      description: 'part of epsilon spent on the randomized response of the label',
    },
    clipActivation: {
      type: 'number',
      above: 0,
      default: 1,
      description: 'C_a, largest L2 norm of one example’s smashed data',
    },
    clipGradient: {
      type: 'number',
      above: 0,
      default: 1,
      description: 'C_g, largest L2 norm of one example’s gradient of the client part',
    },
    gradientShare: {
      type: 'number',
      above: 0,
      below: 1,
      default: 0.3,
      description: 'share of the noise budget (of μ²) that goes to the gradients; the rest goes to the smashed data',
    },
    gainFloor: {
      type: 'number',
      above: 0,
      default: 0.05,
      description: 'the noisy smashed data are multiplied by the public constant 1 ÷ (noise std + gainFloor)',
    },
  },
  sources: [
    'docs/joint-privacy.md',
    'Balle and Wang 2018, Theorem 8 (Gaussian)',
    'Dong, Roth and Su 2019, Corollary 3.3 (composition of Gaussians)',
    'Warner 1965 (randomized response)',
  ],
  create: (options, site) => jointDpOn(options as unknown as JointDpOptions, site),
};

/** Throws a RangeError where nothing is split, or where the labels alone spend ε. */
function jointDpOn(options: JointDpOptions, site: DefenseSite): Defense {
  const { labelEpsilon, clipGradient, gradientShare, epsilon } = options;
  const { passes, classes } = splitOf(site);
  const noise = jointNoise({ epsilon, delta: site.delta, passes, labelEpsilon, gradientShare });
  return {
    name: 'joint-dp',
    protectLayers: (layers) =>
      layers.map((layer, index) =>
        index === site.cut - 1
          ? released(layer, options, { multiplier: noise.activationMultiplier, source: site.noise })
          : layer,
      ),
    // Two clipped vectors lie at most 2C apart: multipliers of the joint claim refer to that.
    gradientRule: { clipNorm: clipGradient, noiseMultiplier: 2 * noise.gradientMultiplier, lots: 'passes' },
    labelRule: labelRuleOf(labelEpsilon, classes),
    activationRelease: () => ({ kind: 'gaussian', noiseMultiplier: noise.activationMultiplier }),
    jointClaim: (done, delta) => claimOf({ ...noise, passes: done, labelEpsilon, delta }),
    reading: readingOf(options, { ...noise, passes }),
  };
}

function splitOf({ split }: DefenseSite): { readonly passes: number; readonly classes: number } {
  if (split) return split;
  throw new RangeError(
    'joint-dp protects what clients send to a main server, but this trainer has none. Use dp-sgd, which covers the whole network there.',
  );
}

/** The last layer of the client, clipped and noised. */
function released(
  layer: Layer,
  { clipActivation, gainFloor }: JointDpOptions,
  { multiplier, source }: { readonly multiplier: number; readonly source: DefenseSite['noise'] },
): Layer {
  const std = multiplier * 2 * clipActivation;
  return noisy(layer, {
    distribution: 'normal',
    clip: { norm: 'l2', to: clipActivation },
    scale: () => std,
    gain: 1 / (std + gainFloor),
    secure: source === 'secure' ? { multiplier, norm: 'l2' } : undefined,
  });
}

/** k-ary randomized response of privacy ε: a label stays with probability e^ε ÷ (e^ε + k − 1). */
function labelRuleOf(epsilon: number, classes: number): LabelRule {
  return { epsilon, keep: 1 / (1 + (classes - 1) * Math.exp(-epsilon)) };
}

type Noise = ReturnType<typeof jointNoise>;

function claimOf(run: Noise & { passes: number; labelEpsilon: number; delta: number }): JointClaim {
  const epsilon = jointEpsilon(run);
  const reading =
    `All channels together: ε = ${rounded(epsilon)} at δ = ${run.delta} for replacing one record, image and label, by any other, ` +
    `over ${counted(run.passes, 'pass', 'passes')}, against main server, fed server and other clients together, even malicious ones. ` +
    'Not covered: how many records there are, and new inputs at inference.';
  return { epsilon, reading };
}

function readingOf({ labelEpsilon, clipActivation, clipGradient }: JointDpOptions, noise: Noise & { passes: number }) {
  return [
    `Each pass (of ${noise.passes}) sends a record’s smashed data, clipped to ${clipActivation}, with noise of standard deviation ${rounded(2 * noise.activationMultiplier * clipActivation)} on every value, ` +
      `and a sum of gradients, clipped to ${clipGradient} each, with noise of standard deviation ${rounded(2 * noise.gradientMultiplier * clipGradient)}.`,
    `Its label is replaced once by randomized response (ε = ${labelEpsilon}). Sampling amplifies nothing here: the main server sees whose smashed data arrive.`,
  ];
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)));
