/**
 * The noise layer of PixelDP (Lécuyer et al., Certified Robustness to Adversarial Examples with Differential Privacy, 2019),
 * placed inside the client part as SplitFed does: noise on a layer's output, scaled to how far the layers before it can move
 * that output when the input moves by `distance`.
 *
 * Laplace: b = L·Δ_{p→1}/ε. Gaussian: σ = L·Δ_{p→2}·σ(ε, δ). Inputs lie at most L apart in the norm p: L1 for Laplace and L2 for
 * Gaussian noise where none is named. The noise enters as an input array of standard draws; its scale is part of the graph. With ε = ∞ the layer is there with scale 0 and changes nothing, bit for bit.
 */

import { analyticGaussianMultiplier, classicGaussianMultiplier } from '../src/accounting/index.ts';
import { stopGradient } from '../src/autodiff/index.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { Shape } from '../src/contracts/array.ts';
import type { Defense, DefenseEntry, DefenseSite } from '../src/contracts/defense.ts';
import type { PrivacyEvent } from '../src/contracts/event.ts';
import type { Layer, LayerTensors, NoiseNorm, Norm, NormPair } from '../src/contracts/model.ts';
import { chainSensitivity } from '../src/models/chain-sensitivity.ts';
import { type LayerNoiseRule, noisy } from '../src/models/noisy.ts';
import { normalizedChain } from './pixeldp/normalized-chain.ts';
import { type NoiseClaim, readingOf } from './pixeldp/reading.ts';

interface PixelDpOptions {
  readonly layer: number;
  readonly noise: 'laplace' | 'gaussian';
  readonly calibration: 'analytic' | 'classic';
  readonly delta: number;
  readonly epsilon: number;
  readonly distance: number;
  readonly inputNorm?: Norm;
  readonly sensitivity: NoiseClaim['sensitivity'];
  readonly clipNorm: number;
  readonly gainFloor: number;
}

export const pixeldp: DefenseEntry = {
  name: 'pixeldp',
  summary: 'noise layer in the client part, calibrated to the sensitivity of the layers before it',
  options: {
    layer: { type: 'integer', min: 1, default: 1, description: 'noise on the output of this layer of the list' },
    noise: { type: 'choice', choices: ['laplace', 'gaussian'], default: 'laplace', description: 'distribution' },
    calibration: {
      type: 'choice',
      choices: ['analytic', 'classic'],
      default: 'analytic',
      description: 'gaussian: the exact calibration, or √(2 ln(1.25/δ))/ε (only for ε ≤ 1)',
    },
    delta: {
      type: 'number',
      above: 0,
      below: 1,
      default: 0.05,
      description: 'gaussian: δ of one release at `distance`',
    },
    epsilon: {
      type: 'number',
      above: 0,
      infinite: true,
      default: 1,
      description: 'ε of one release at `distance`; .inf: no noise',
    },
    distance: {
      type: 'number',
      above: 0,
      default: 0.1,
      description: 'L: input distance, in the norm `inputNorm`',
    },
    inputNorm: {
      type: 'choice',
      choices: ['l1', 'l2', 'linf'],
      description: 'norm of input distances; left out: l1 for laplace, l2 for gaussian',
    },
    sensitivity: {
      type: 'choice',
      choices: ['normalized', 'orthonormal', 'bound', 'clip'],
      default: 'normalized',
      description:
        'kernels divided by their bound in the graph (orthonormal: after eight steps of Newton–Schulz), noise scaled by the bound at every step, or outputs clipped',
    },
    clipNorm: { type: 'number', above: 0, default: 1, description: 'clip: largest norm of one example’s output' },
    gainFloor: {
      type: 'number',
      above: 0,
      default: 0.05,
      description: 'the noisy output is multiplied by the public constant 1 ÷ (noise std + gainFloor)',
    },
  },
  sources: [
    'Lécuyer et al. 2019, equations 2–4',
    'Thapa et al., SplitFed, AAAI 2022, equations 4–6',
    'Balle and Wang 2018 (analytic Gaussian)',
    'Cissé et al. 2017 (Parseval networks: Newton–Schulz)',
  ],
  create: (options, site) => pixelDp(options as unknown as PixelDpOptions, site),
};

/** Throws a RangeError where the layer is not the client's, or no sound bound is known for a layer before the noise. */
function pixelDp(options: PixelDpOptions, site: DefenseSite): Defense {
  requireLayerOfClient(options, site);
  const mechanism = mechanismOf(options, site);
  return {
    name: 'pixeldp',
    protectLayers: (layers) => protect(layers, mechanism),
    activationRelease: (distance) => releaseAt(mechanism, distance),
    activationNorm: mechanism.pair.from,
    reading: readingOf(claimOf(mechanism, site)),
  };
}

function requireLayerOfClient({ layer }: PixelDpOptions, { cut }: DefenseSite): void {
  if (layer <= cut) return;
  throw new RangeError(`pixeldp.layer must be a layer of the client, between 1 and the cut ${cut}, but is ${layer}.`);
}

interface Mechanism extends PixelDpOptions {
  /** From the norm of input distances to the one that the noise is scaled to. */
  readonly pair: NormPair & { readonly to: NoiseNorm };
  readonly inputShape: Shape;
  /** Noise scale (Laplace b, Gaussian σ) in units of the sensitivity: 1/ε, or σ(ε, δ). */
  readonly multiplier: number;
  readonly isSecure: boolean;
  /** ε = ∞: the noise has scale 0, and nothing else is changed either. */
  readonly isOff: boolean;
}

function mechanismOf(options: PixelDpOptions, { noise: source, inputShape }: DefenseSite): Mechanism {
  const to = options.noise === 'laplace' ? 'l1' : 'l2';
  const pair = { from: options.inputNorm ?? to, to } as const;
  const isOff = options.epsilon === Number.POSITIVE_INFINITY;
  return {
    ...options,
    pair,
    inputShape,
    isOff,
    isSecure: source === 'secure',
    multiplier: isOff ? 0 : multiplierOf(options),
  };
}

function multiplierOf({ noise, calibration, epsilon, delta }: PixelDpOptions): number {
  if (noise === 'laplace') return 1 / epsilon;
  return calibration === 'analytic'
    ? analyticGaussianMultiplier(epsilon, delta)
    : classicGaussianMultiplier(epsilon, delta);
}

/** Layers up to the noise are normalized where that is how their sensitivity is bounded; the last of them gets the noise. */
function protect(layers: readonly Layer[], mechanism: Mechanism): readonly Layer[] {
  const before = layers.slice(0, mechanism.layer - 1);
  const last = layers[mechanism.layer - 1];
  if (!last) {
    throw new RangeError(`pixeldp.layer is ${mechanism.layer}, but there are only ${layers.length} layers.`);
  }
  const { own, rule } = noiseOf([...before, last], mechanism);
  const noiseLayer = noisy(own.at(-1) ?? last, { ...rule, secure: securityOf(mechanism) });
  return [...own.slice(0, -1), noiseLayer, ...layers.slice(mechanism.layer)];
}

interface NoisePlan {
  /** The layers up to the noise, as they are to run. */
  readonly own: readonly Layer[];
  readonly rule: LayerNoiseRule;
}

function noiseOf(layers: readonly Layer[], mechanism: Mechanism): NoisePlan {
  const { noise, multiplier, distance, clipNorm, pair, inputShape } = mechanism;
  const distribution = noise === 'laplace' ? 'laplace' : 'normal';
  if (mechanism.isOff) return { own: layers, rule: { distribution, scale: () => 0, gain: 1 } };
  const constant = (scale: number) =>
    ({ distribution, scale: () => scale, gain: publicGain(scale, mechanism) }) as const;
  if (mechanism.sensitivity === 'clip') {
    const scale = multiplier * 2 * clipNorm; // two clipped outputs lie at most 2C apart
    return { own: layers, rule: { ...constant(scale), clip: { norm: pair.to, to: clipNorm } } };
  }
  for (const layer of layers) requireSensitivity(layer, pair);
  if (mechanism.sensitivity !== 'bound') {
    const orthonormal = mechanism.sensitivity === 'orthonormal';
    const { layers: own, sensitivity } = normalizedChain(layers, pair, { inputShape, orthonormal });
    return { own, rule: constant(multiplier * distance * sensitivity) };
  }
  const scale = (params: readonly LayerTensors[]) =>
    tf.mul(multiplier * distance, frozen(chainSensitivity(layers, pair, { inputShape, params })));
  // The bound moves with private weights, so nothing public may depend on it: no gain.
  return { own: layers, rule: { distribution, scale, gain: 1 } };
}

function publicGain(scale: number, { noise, gainFloor }: Mechanism): number {
  const unit = noise === 'laplace' ? Math.SQRT2 : 1; // standard deviation of a standard draw
  return 1 / (scale * unit + gainFloor);
}

function securityOf({ isSecure, multiplier, pair }: Mechanism): LayerNoiseRule['secure'] {
  return isSecure ? { multiplier, norm: pair.to } : undefined;
}

/** A constant to the gradient: the noise is not a lever for the optimizer. */
function frozen(bound: Tensor | number): Tensor {
  return typeof bound === 'number' ? tf.scalar(bound) : stopGradient(bound);
}

function requireSensitivity({ label, sensitivity }: Layer, { from, to }: NormPair): void {
  if (sensitivity) return;
  throw new RangeError(
    `pixeldp needs a sound sensitivity of every layer up to its own, but none is known for "${label}" in ${from === to ? to : `${from} and ${to}`}. ` +
      'Choose an earlier layer, or sensitivity "clip".',
  );
}

/** One release, for two inputs at `distance` in the norm of input distances. */
function releaseAt(
  { isOff, isSecure, sensitivity, noise, multiplier, distance: calibrated }: Mechanism,
  distance: number,
): PrivacyEvent {
  if (isOff) return { kind: 'non-private', reason: 'pixeldp with epsilon .inf adds noise of scale 0' };
  // Under secure noise the growth that pays for rounding is measured at the calibrated distance: nearer inputs get no better claim.
  const stated = isSecure ? Math.max(distance, calibrated) : distance;
  // Clipped outputs lie at most 2C apart however far the inputs are.
  const noiseMultiplier = sensitivity === 'clip' ? multiplier : (multiplier * calibrated) / stated;
  return { kind: noise, noiseMultiplier };
}

function claimOf(mechanism: Mechanism, { inputShape, delta, split }: DefenseSite): NoiseClaim {
  const pixels = inputShape.reduce((product, dimension) => product * dimension, 1);
  return { ...mechanism, inputNorm: mechanism.pair.from, pixels, statedDelta: delta, releases: split?.passes };
}
